package org.tantra.host.registry;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// The one thread that changes what runs.
final class Lifecycle implements Executor, AutoCloseable {
  private static final String NAME = "plugin-lifecycle";

  private final ScheduledThreadPoolExecutor executor;

  Lifecycle() {
    this.executor = new ScheduledThreadPoolExecutor(1, Lifecycle::thread);
    // An alarm that is no longer needed must not keep what it was about.
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  private static Thread thread(Runnable work) {
    Thread thread = Thread.ofPlatform().name(NAME).daemon().unstarted(work);
    thread.setContextClassLoader(Lifecycle.class.getClassLoader());
    return thread;
  }

  /// Runs work on the thread and waits for it.
  ///
  /// @throws TantraException what the work throws; `CANCELLED` if the caller is interrupted, while
  ///   the work goes on
  /// @throws IllegalStateException if called by a listener, on the thread itself
  <T> T call(Callable<T> work) {
    if (Thread.currentThread().getName().equals(NAME)) {
      throw new IllegalStateException("a listener must not change plugins from within its call");
    }
    try {
      return executor.submit(work).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TantraException(ErrorKind.CANCELLED, "Interrupted.", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TantraException cause) {
        throw cause;
      }
      throw new IllegalStateException("the lifecycle thread failed", e.getCause());
    }
  }

  /// Runs work on the thread some time.
  @Override
  public void execute(Runnable work) {
    executor.execute(work);
  }

  Future<?> after(Duration delay, Runnable work) {
    return executor.schedule(work, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}
