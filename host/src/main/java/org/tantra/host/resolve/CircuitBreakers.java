package org.tantra.host.resolve;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Lets a candidate that keeps failing rest for a while, so that its stand-ins answer at once.
///
/// A failed load rests 1 s, then twice as long each time up to a minute; failed answers rest alike
/// from the third in a row on. After the rest one request may try again. Success, or a change of
/// plugin, weights or configuration, forgets everything.
final class CircuitBreakers {
  private static final Duration FIRST_REST = Duration.ofSeconds(1);
  private static final Duration LONGEST_REST = Duration.ofMinutes(1);
  private static final int FREE_ANSWER_FAILURES = 2;

  private record State(Object basis, int failures, Instant restsUntil, String reason) {}

  private final InstantSource clock;
  private final Map<Point.Id, State> states = new HashMap<>(); // guarded by this

  CircuitBreakers(InstantSource clock) {
    this.clock = clock;
  }

  /// Why the candidate rests, or nothing if it may be tried.
  ///
  /// @param basis what it depends on; failures on another basis do not count
  synchronized Optional<String> resting(Point.Id model, Object basis) {
    State state = states.get(model);
    if (state == null || !state.basis().equals(basis)) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    if (!now.isBefore(state.restsUntil())) {
      // One may try; the others wait until that is known, or for another first rest.
      states.put(
          model, new State(state.basis(), state.failures(), now.plus(FIRST_REST), state.reason()));
      return Optional.empty();
    }
    long seconds = Math.max(1, Duration.between(now, state.restsUntil()).toSeconds());
    return Optional.of(
        "failed %d times in a row and rests for another %d s; last: %s"
            .formatted(state.failures(), seconds, state.reason()));
  }

  void loadFailed(Point.Id model, Object basis, String reason) {
    failed(model, basis, reason, 0);
  }

  void answerFailed(Point.Id model, Object basis, String reason) {
    failed(model, basis, reason, FREE_ANSWER_FAILURES);
  }

  private synchronized void failed(Point.Id model, Object basis, String reason, int free) {
    @Nullable State before = states.get(model);
    int failures = before != null && before.basis().equals(basis) ? before.failures() + 1 : 1;
    int doublings = Math.min(failures - free - 1, 6);
    Duration rest = doublings < 0 ? Duration.ZERO : FIRST_REST.multipliedBy(1L << doublings);
    if (rest.compareTo(LONGEST_REST) > 0) {
      rest = LONGEST_REST;
    }
    states.put(model, new State(basis, failures, clock.instant().plus(rest), reason));
  }

  /// @param basis what succeeded; what failed on another basis still rests
  synchronized void succeeded(Point.Id model, Object basis) {
    State state = states.get(model);
    if (state != null && state.basis().equals(basis)) {
      states.remove(model);
    }
  }
}
