package org.tantra.host.concurrent;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/// One worker's right to compute. Giving back twice is harmless, so that somebody else may give
/// back what a stuck step holds.
final class Turn {
  private final Semaphore permits;
  private final AtomicBoolean held = new AtomicBoolean();

  Turn(Semaphore permits) {
    this.permits = permits;
  }

  /// For calls that hardly compute.
  static Turn always() {
    return new Turn(new Semaphore(1));
  }

  void take() {
    permits.acquireUninterruptibly();
    held.set(true);
  }

  void giveBack() {
    if (held.compareAndSet(true, false)) {
      permits.release();
    }
  }
}
