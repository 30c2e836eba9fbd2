package org.tantra.host.concurrent;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// One worker's right to compute.
///
/// Whoever waits for a turn takes it away from holders that have had theirs for long: a step that
/// hangs, or takes very long, goes on beside the others instead of stopping them. Giving back twice
/// is harmless, for that reason.
final class Turn {
  /// After this long a holder no longer counts: far more than a step takes that does not hang.
  private static final Duration LONG = Duration.ofSeconds(5);

  private static final long LOOK_MILLIS = 250;

  /// Bound while a step runs on its worker's thread.
  private static final ScopedValue<Turn> CURRENT = ScopedValue.newInstance();

  private final Semaphore permits;
  private final Set<Turn> holders;
  private boolean held; // guarded by this
  private long sinceNanos; // guarded by this

  /// @param holders the turns that are held now, of all who share the permits
  Turn(Semaphore permits, Set<Turn> holders) {
    this.permits = permits;
    this.holders = holders;
  }

  /// For calls that hardly compute.
  static Turn always() {
    return new Turn(new Semaphore(1), ConcurrentHashMap.newKeySet());
  }

  /// Runs a step that may lend the turn while it waits.
  <T> T during(Callable<T> step) throws Exception {
    return ScopedValue.where(CURRENT, this).call(step::call);
  }

  /// Waits without the turn of this thread's step, if it has one.
  static <T> T lendCurrent(Supplier<T> waiting) {
    if (!CURRENT.isBound()) {
      return waiting.get();
    }
    Turn turn = CURRENT.get();
    turn.giveBack();
    try {
      return waiting.get();
    } finally {
      turn.take();
    }
  }

  /// Waits until it is this one's turn. Deaf to interrupts, which are meant for the step.
  void take() {
    boolean interrupted = false;
    while (true) {
      try {
        if (permits.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
          break;
        }
        holders.forEach(Turn::giveBackIfLong);
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    synchronized (this) {
      held = true;
      sinceNanos = System.nanoTime();
    }
    holders.add(this);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  void giveBack() {
    synchronized (this) {
      if (!held) {
        return;
      }
      held = false;
    }
    holders.remove(this);
    permits.release();
  }

  private void giveBackIfLong() {
    boolean isLong;
    synchronized (this) {
      isLong = held && System.nanoTime() - sinceNanos > LONG.toNanos();
    }
    if (isLong) {
      giveBack();
    }
  }
}
