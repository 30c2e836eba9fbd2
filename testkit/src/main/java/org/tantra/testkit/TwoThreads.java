package org.tantra.testkit;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Compute;

/// The caller and one more thread for each step. Good for tests, not for figures.
public final class TwoThreads implements Compute {
  /// Starting a thread for each step would take most of a test's time. One that is not needed ends
  /// soon, so that no model seems to have left it behind.
  private static final ExecutorService OTHERS =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          50,
          TimeUnit.MILLISECONDS,
          new SynchronousQueue<>(),
          TwoThreads::thread);

  private static Thread thread(Runnable work) {
    Thread thread = Thread.ofPlatform().name("two-threads").daemon().unstarted(work);
    thread.setContextClassLoader(TwoThreads.class.getClassLoader()); // not a plugin's
    return thread;
  }

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
    Future<?> other = OTHERS.submit(() -> run(parts, 1, body));
    Throwable failure;
    try {
      run(parts, 0, body);
    } finally {
      failure = failureOf(other);
    }
    if (failure != null) {
      throw new IllegalStateException("a part failed", failure);
    }
  }

  private static void run(int parts, int first, Part body) {
    for (int part = first; part < parts; part += 2) {
      body.run(part);
    }
  }

  private static @Nullable Throwable failureOf(Future<?> other) {
    try {
      other.get();
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
