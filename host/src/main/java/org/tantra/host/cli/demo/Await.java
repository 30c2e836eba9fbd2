package org.tantra.host.cli.demo;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for something that can be seen.
final class Await {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private Await() {}

  /// Looks again and again until it is there.
  ///
  /// @throws StepFailed with `missed` after `limit`
  static void until(Duration limit, BooleanSupplier there, Supplier<String> missed) {
    long end = System.nanoTime() + limit.toNanos();
    while (!there.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new StepFailed(missed.get());
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StepFailed("Interrupted.", e);
      }
    }
  }
}
