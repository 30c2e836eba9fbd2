package org.tantra.host.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class CircuitBreakersTest {
  private static final Point.Id GPT2 = new Point.Id(Point.MODEL, "gpt2");

  private Instant now = Instant.EPOCH;
  private final CircuitBreakers breakers = new CircuitBreakers(() -> now);

  private boolean rests(String basis) {
    return breakers.resting(GPT2, basis).isPresent();
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }

  @Test
  void failedLoadRestsTwiceAsLongEachTime() {
    breakers.loadFailed(GPT2, "basis", "boom");
    assertTrue(rests("basis"));
    pass(Duration.ofSeconds(1));
    assertFalse(rests("basis"));

    breakers.loadFailed(GPT2, "basis", "boom");
    pass(Duration.ofSeconds(1));
    assertTrue(rests("basis"));
    pass(Duration.ofSeconds(1));
    assertFalse(rests("basis"));
  }

  @Test
  void restNeverExceedsAMinute() {
    for (int i = 0; i < 40; i++) {
      breakers.loadFailed(GPT2, "basis", "boom");
    }

    pass(Duration.ofMinutes(1));

    assertFalse(rests("basis"));
  }

  @Test
  void firstTwoFailedAnswersAreFree() {
    breakers.answerFailed(GPT2, "basis", "boom");
    breakers.answerFailed(GPT2, "basis", "boom");
    assertFalse(rests("basis"));

    breakers.answerFailed(GPT2, "basis", "boom");
    assertTrue(rests("basis"));
  }

  @Test
  void changedBasisForgetsFailures() {
    breakers.loadFailed(GPT2, "old weights", "boom");

    assertFalse(rests("new weights"));
  }

  @Test
  void successForgetsFailures() {
    breakers.loadFailed(GPT2, "basis", "boom");
    breakers.succeeded(GPT2, "basis");

    assertFalse(rests("basis"));
  }

  @Test
  void successOfAnOldBasisDoesNotForgetTheFailureOfANewOne() {
    breakers.loadFailed(GPT2, "new weights", "boom");
    breakers.succeeded(GPT2, "old weights");

    assertTrue(rests("new weights"));
  }

  @Test
  void reasonNamesCountRestAndLastFailure() {
    breakers.loadFailed(GPT2, "basis", "Weight 'wte.weight' is missing.");

    assertEquals(
        "failed 1 times in a row and rests for another 1 s; last: Weight 'wte.weight' is missing.",
        breakers.resting(GPT2, "basis").orElseThrow());
  }
}
