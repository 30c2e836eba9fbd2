package org.tantra.host.concurrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BackgroundSyncTest {
  private static final byte[] CONTENT = {1, 2, 3};

  @TempDir Path folder;

  @Test
  void failedSyncFailsTheFileAndLeavesTheOldOne() throws IOException {
    Path file = Files.write(folder.resolve("weights"), CONTENT);

    assertThrows(
        IOException.class,
        () -> AtomicFile.writeLarge(file, true, (channel, _) -> channel.close(), beside -> {}));

    assertArrayEquals(CONTENT, Files.readAllBytes(file));
    try (var left = Files.list(folder)) {
      assertEquals(1, left.count());
    }
  }

  @Test
  void earlySyncThatFailedShowsWhenTheFileIsDone() throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve("f"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    BackgroundSync sync = new BackgroundSync(channel, true);
    channel.close();
    sync.advanced(1L << 30);
    sync.advanced(2L << 30);
    sync.begin();
    assertThrows(IOException.class, sync::close);
  }

  @Test
  void interruptionIsKeptAndTheSyncStillAwaited() throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            folder.resolve("f"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      AtomicFile.fill(channel, CONTENT);
      BackgroundSync sync = new BackgroundSync(channel, true);
      sync.begin();
      Thread.currentThread().interrupt();
      sync.close();
      assertTrue(Thread.interrupted());
      assertTrue(channel.isOpen());
    }
  }

  @Test
  void unwantedSyncTouchesNothing() throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve("f"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    channel.close();
    try (BackgroundSync sync = new BackgroundSync(channel, false)) {
      sync.advanced(1L << 30);
      sync.begin();
    }
    assertFalse(channel.isOpen());
  }
}
