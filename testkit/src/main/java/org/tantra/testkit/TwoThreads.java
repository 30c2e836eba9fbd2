package org.tantra.testkit;

import org.tantra.api.Compute;

/// The caller and one more thread for each step. Starting a thread each time is slow; good for
/// tests, not for figures.
public final class TwoThreads implements Compute {
  @Override
  public int threads() {
    return 2;
  }

  /// Even parts on the caller's thread, odd ones on the other.
  @Override
  public void parallel(int parts, Part body) {
    if (parts <= 1) {
      run(parts, 0, body);
      return;
    }
    Throwable[] failure = new Throwable[1];
    Thread other =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((_, thrown) -> failure[0] = thrown)
            .start(() -> run(parts, 1, body));
    try {
      run(parts, 0, body);
    } finally {
      join(other);
    }
    if (failure[0] != null) {
      throw new IllegalStateException("a part failed", failure[0]);
    }
  }

  private static void run(int parts, int first, Part body) {
    for (int part = first; part < parts; part += 2) {
      body.run(part);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
