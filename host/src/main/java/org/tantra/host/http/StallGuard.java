package org.tantra.host.http;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Cuts off a client that takes nothing of an answer for a while: the thread that writes to it
/// would otherwise wait for as long as the client likes.
final class StallGuard implements AutoCloseable {
  private final Connection connection;
  private final long limit;
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile long lastProgress = System.nanoTime();

  StallGuard(Connection connection, Duration limit) {
    this.connection = connection;
    this.limit = limit.toNanos();
    Thread.ofVirtual().name("http-stall-guard").start(this::watch);
  }

  /// The client took something.
  void progress() {
    lastProgress = System.nanoTime();
  }

  /// All is sent.
  @Override
  public void close() {
    over.countDown();
  }

  private void watch() {
    try {
      for (long wait = limit; !over.await(wait, TimeUnit.NANOSECONDS); ) {
        wait = limit - (System.nanoTime() - lastProgress);
        if (wait <= 0) {
          connection.cut();
          return;
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
