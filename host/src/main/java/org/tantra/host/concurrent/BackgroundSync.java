package org.tantra.host.concurrent;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Syncs a file while others still write to it or read it, so that the disk does not wait for them.
/// Used by one thread.
public final class BackgroundSync implements AutoCloseable {
  private static final long STEP_BYTES = 64L << 20;

  private final FileChannel channel;
  private final boolean wanted;
  private @Nullable FutureTask<Boolean> running;
  private long begun;

  /// @param wanted whether to sync at all
  BackgroundSync(FileChannel channel, boolean wanted) {
    this.channel = channel;
    this.wanted = wanted;
  }

  /// Is told how many bytes have been written; syncs them if they are many and the last sync has
  /// ended well. One that failed shows itself in [#close].
  public void advanced(long bytes) {
    if (!wanted
        || bytes - begun < STEP_BYTES
        || (running != null && running.state() != Future.State.SUCCESS)) {
      return;
    }
    begun = bytes;
    begin();
  }

  /// Begins to sync all that has been written, after the sync that is running.
  void begin() {
    if (!wanted) {
      return;
    }
    FutureTask<Boolean> before = running;
    FutureTask<Boolean> task =
        new FutureTask<>(
            () -> {
              if (before != null) {
                before.get();
              }
              channel.force(true);
              return true;
            });
    running = task;
    Thread.ofPlatform().name("sync").daemon().start(task);
  }

  /// Waits for the sync that is running, if one is.
  ///
  /// @throws IOException if one failed, so that bytes may not be on the disk
  @Override
  public void close() throws IOException {
    FutureTask<Boolean> task = running;
    running = null;
    boolean interrupted = false;
    try {
      while (task != null) {
        try {
          task.get();
          task = null;
        } catch (InterruptedException _) {
          interrupted = true; // the disk is not to be hurried
        }
      }
    } catch (ExecutionException e) {
      throw new IOException("syncing failed: " + e.getCause(), e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
