package org.tantra.host.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// The right to change a store, held by one thread of one process at a time. The system takes it
/// from a process that dies.
final class StoreLock implements AutoCloseable {
  /// File locks belong to the process; these keep its threads apart.
  private static final Map<Path, ReentrantLock> IN_PROCESS = new ConcurrentHashMap<>();

  private static final long LOOK_NANOS = 1_000_000;

  private final ReentrantLock inProcess;
  private final FileChannel channel;
  private final FileLock lock;

  private StoreLock(ReentrantLock inProcess, FileChannel channel, FileLock lock) {
    this.inProcess = inProcess;
    this.channel = channel;
    this.lock = lock;
  }

  /// Waits for the lock.
  ///
  /// @param file what is locked; holds nothing
  /// @throws TantraException `BUSY` if somebody else keeps it for longer than that
  static StoreLock take(Path file, Duration limit) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(file + " is no file");
    }
    Files.createDirectories(folder);
    Path real = folder.toRealPath().resolve(file.getFileName());
    ReentrantLock inProcess = IN_PROCESS.computeIfAbsent(real, _ -> new ReentrantLock(true));
    if (!lockInterruptibly(inProcess, limit)) {
      throw busy(file, limit);
    }
    boolean taken = false;
    FileChannel channel = null;
    try {
      if (inProcess.getHoldCount() > 1) {
        throw new IllegalStateException("a change of the store within a change of the store");
      }
      channel = FileChannel.open(real, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      while (lock == null) {
        if (System.nanoTime() > deadline) {
          throw busy(file, limit);
        }
        LockSupport.parkNanos(LOOK_NANOS);
        lock = channel.tryLock();
      }
      taken = true;
      return new StoreLock(inProcess, channel, lock);
    } finally {
      if (!taken) {
        if (channel != null) {
          channel.close();
        }
        inProcess.unlock();
      }
    }
  }

  private static boolean lockInterruptibly(ReentrantLock lock, Duration limit) {
    try {
      return lock.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TantraException(
          ErrorKind.CANCELLED, "Interrupted while waiting for the weight store.", e);
    }
  }

  private static TantraException busy(Path file, Duration limit) {
    return new TantraException(
        ErrorKind.BUSY,
        "The weight store is being changed by somebody else for more than %d s ('%s' is locked). Try again."
            .formatted(limit.toSeconds(), file));
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      lock.release();
    } finally {
      inProcess.unlock();
    }
  }
}
