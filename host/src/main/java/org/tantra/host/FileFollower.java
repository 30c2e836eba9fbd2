package org.tantra.host;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at regular intervals whether what is loaded is still what the files say, so that a change
/// takes effect without waiting for a request.
final class FileFollower implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FileFollower.class);

  private final Runnable look;
  private final Duration interval;
  private final CountDownLatch closed = new CountDownLatch(1);

  FileFollower(Runnable look, Duration interval) {
    this.look = look;
    this.interval = interval;
  }

  void start() {
    Thread.ofVirtual().name("follow-files").start(this::run);
  }

  private void run() {
    try {
      while (!closed.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
        look();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    try {
      look.run();
    } catch (RuntimeException e) { // the next look may find the disk in better order
      log.warn("Changed files are not followed for now: {}", e.toString());
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
