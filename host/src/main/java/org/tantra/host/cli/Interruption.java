package org.tantra.host.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.tantra.api.Cancellation;

/// Ctrl-C while a command works: the JVM's end waits a little until the command, which sees the
/// cancellation, has ended and put things in order. The exit code is then the signal's, 130.
final class Interruption implements Cancellation, AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  private final Runnable wakeUp;
  private final Thread hook = Thread.ofPlatform().name("interruption").unstarted(this::interrupt);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean cancelled;

  private Interruption(Runnable wakeUp) {
    this.wakeUp = wakeUp;
  }

  /// For commands that look at the cancellation by themselves.
  static Interruption watch() {
    return watch(() -> {});
  }

  /// @param wakeUp what makes the command look
  static Interruption watch(Runnable wakeUp) {
    Interruption interruption = new Interruption(wakeUp);
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  @Override
  public boolean cancelled() {
    return cancelled;
  }

  private void interrupt() {
    cancelled = true;
    wakeUp.run();
    try {
      if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("tantra: Ended before everything was closed.");
      }
    } catch (InterruptedException _) {
      // the JVM ends anyway
    }
  }

  /// The command has ended.
  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // the JVM is ending already, by that very hook
    }
  }
}
