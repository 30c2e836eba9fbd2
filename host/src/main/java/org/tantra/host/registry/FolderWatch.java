package org.tantra.host.registry;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Waits until something may have changed in some folders, or for a while.
///
/// File events only make it quicker: they get lost on network drives, and a machine may have no
/// watches left. So nothing depends on them.
final class FolderWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FolderWatch.class);

  private final List<Path> folders;
  private final @Nullable WatchService service;
  private final Map<Path, WatchKey> keys = new HashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  FolderWatch(List<Path> folders) {
    this.folders = List.copyOf(folders);
    this.service = open();
  }

  private static @Nullable WatchService open() {
    try {
      return FileSystems.getDefault().newWatchService();
    } catch (IOException | UnsupportedOperationException e) {
      log.info("Plugin folders are polled only: {}", e.toString());
      return null;
    }
  }

  /// @param pause at least this long, so that a file that is being written is not looked at for
  ///   every block
  /// @param most at most this long after that
  /// @return false once closed
  boolean await(Duration pause, Duration most) throws InterruptedException {
    if (closed.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
      return false;
    }
    if (service == null) {
      return !closed.await(most.toNanos(), TimeUnit.NANOSECONDS);
    }
    folders.forEach(folder -> register(folder, service));
    try {
      WatchKey key = service.poll(most.toNanos(), TimeUnit.NANOSECONDS);
      while (key != null) {
        key.pollEvents();
        key.reset();
        key = service.poll();
      }
      return true;
    } catch (ClosedWatchServiceException _) {
      return false;
    }
  }

  /// A folder may come later than the host, or go and come again.
  private void register(Path folder, WatchService to) {
    WatchKey known = keys.get(folder);
    if ((known != null && known.isValid()) || !Files.isDirectory(folder)) {
      return;
    }
    try {
      keys.put(
          folder,
          folder.register(
              to,
              StandardWatchEventKinds.ENTRY_CREATE,
              StandardWatchEventKinds.ENTRY_MODIFY,
              StandardWatchEventKinds.ENTRY_DELETE));
    } catch (IOException e) {
      log.debug("Cannot watch {}: {}", folder, e.toString());
    }
  }

  @Override
  public void close() {
    closed.countDown();
    if (service != null) {
      try {
        service.close();
      } catch (IOException e) {
        log.debug("Cannot close the watch: {}", e.toString());
      }
    }
  }
}
