package org.tantra.host.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.TantraException;
import org.tantra.host.concurrent.AtomicFile;

/// The file `Model/weight_config.json`: read without a lock, changed under one, replaced whole. A
/// damaged one is rebuilt from the last good copy and the files, and the log says so. Safe from
/// several threads and processes.
final class RegistryFile {
  private static final Logger log = LoggerFactory.getLogger(RegistryFile.class);
  private static final Duration LOCK_LIMIT = Duration.ofSeconds(30);
  private static final String DAMAGED = "weight_config.json.damaged-";
  private static final long MOST_BYTES = 64L << 20;

  /// Two changes within this may leave the same time stamp, so a file younger than that is read
  /// again.
  private static final Duration STAMP_STEP = Duration.ofMillis(100);

  /// What tells one state of the file from another without reading it.
  private record Stamp(FileTime modified, long size, @Nullable Object key) {}

  private record Cached(@Nullable Stamp stamp, boolean settled, RegistryContent content) {}

  private final StoreFolder folder;
  private final Supplier<? extends Collection<String>> types;
  private final InstantSource clock;
  private volatile @Nullable Cached cached;

  RegistryFile(
      StoreFolder folder, Supplier<? extends Collection<String>> types, InstantSource clock) {
    this.folder = folder;
    this.types = types;
    this.clock = clock;
  }

  /// What the file says now. Cheap while it does not change.
  RegistryContent read() throws IOException {
    Cached known = cached;
    Stamp stamp = stamp();
    if (known != null && known.settled() && Objects.equals(known.stamp(), stamp)) {
      return known.content();
    }
    RegistryContent content;
    try {
      content = parsed();
    } catch (RegistryJson.Damaged e) {
      return repaired();
    }
    boolean settled =
        stamp == null || stamp.modified().toInstant().plus(STAMP_STEP).isBefore(clock.instant());
    cached = new Cached(stamp, settled, content);
    return content;
  }

  /// What the file says, completed by files that it does not know yet.
  RegistryContent reconciled() throws IOException {
    return reconciliation().of(read());
  }

  /// Something that moves once the file's new content is safely on the disk, right before it gets
  /// its name.
  interface Move {
    void run() throws IOException;
  }

  /// A change under way. Others wait until it is closed.
  final class Change implements AutoCloseable {
    private final StoreLock lock;
    private RegistryContent content;

    private Change(StoreLock lock, RegistryContent content) {
      this.lock = lock;
      this.content = content;
    }

    RegistryContent content() {
      return content;
    }

    void write(RegistryContent next) throws IOException {
      write(next, () -> {});
    }

    /// Replaces the file. If this fails, nothing has moved, unless the rename itself failed.
    void write(RegistryContent next, Move move) throws IOException {
      replace(next, move);
      content = next;
    }

    @Override
    public void close() throws IOException {
      lock.close();
    }
  }

  /// Begins a change: waits for the lock, and reads what the others have written.
  ///
  /// @throws TantraException `BUSY` if somebody else keeps the lock; `INVALID` if the folder cannot
  ///   be written
  Change change() throws IOException {
    StoreLock lock = StoreLock.take(folder.lock(), LOCK_LIMIT);
    boolean begun = false;
    try {
      RegistryContent content;
      try {
        content = parsed();
      } catch (RegistryJson.Damaged e) {
        content = rebuild(e);
      }
      Change change = new Change(lock, reconciliation().of(content));
      begun = true;
      return change;
    } finally {
      if (!begun) {
        lock.close();
      }
    }
  }

  private Reconciliation reconciliation() {
    return new Reconciliation(folder, types.get());
  }

  private RegistryContent parsed() throws IOException {
    Path file = folder.registry();
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new RegistryJson.Damaged("it has more than 64 MiB");
      }
      return RegistryJson.parse(Files.readAllBytes(file));
    } catch (NoSuchFileException _) {
      if (Files.exists(folder.lastGood())) {
        throw new RegistryJson.Damaged("it is not there");
      }
      return RegistryContent.EMPTY;
    }
  }

  private @Nullable Stamp stamp() throws IOException {
    try {
      BasicFileAttributes now = Files.readAttributes(folder.registry(), BasicFileAttributes.class);
      return new Stamp(now.lastModifiedTime(), now.size(), now.fileKey());
    } catch (NoSuchFileException _) {
      return null;
    }
  }

  /// For a reader that found damage: mends the file, or where that is not allowed at least knows
  /// what it would say.
  private RegistryContent repaired() throws IOException {
    try (Change change = change()) {
      return change.content();
    } catch (IOException | TantraException e) {
      log.warn("'{}' is damaged and could not be mended: {}", folder.registry(), e.toString());
      return reconciliation().rebuilt(lastGood());
    }
  }

  private void replace(RegistryContent next, Move move) throws IOException {
    byte[] text = RegistryJson.text(next, Times.shown(clock.instant()));
    AtomicFile.write(folder.registry(), channel -> AtomicFile.fill(channel, text), _ -> move.run());
    try {
      AtomicFile.write(folder.lastGood(), text);
    } catch (IOException e) {
      log.warn("The copy '{}' is out of date: {}", folder.lastGood(), e.toString());
    }
  }

  private RegistryContent rebuild(RegistryJson.Damaged damage) throws IOException {
    Optional<RegistryContent> lastGood = lastGood();
    RegistryContent content = reconciliation().rebuilt(lastGood);
    String kept = "";
    if (Files.exists(folder.registry())) {
      // Copied, not moved: a crash must not leave the store without any registry.
      Path aside = folder.registry().resolveSibling(DAMAGED + Times.stamp(clock.instant()));
      Files.copy(folder.registry(), aside, StandardCopyOption.REPLACE_EXISTING);
      kept = " The damaged one is kept as '" + aside.getFileName() + "'.";
    }
    replace(content, () -> {});
    log.warn(
        "'{}' was damaged ({}) and has been rebuilt from {}: {} weights.{}",
        folder.shown(folder.registry()),
        damage.getMessage(),
        lastGood.isPresent()
            ? "its last good copy and the files"
            : "the files alone, with the newest of each type active",
        content.weights().size(),
        kept);
    return content;
  }

  private Optional<RegistryContent> lastGood() {
    try {
      return Optional.of(RegistryJson.parse(Files.readAllBytes(folder.lastGood())));
    } catch (IOException _) { // not there, or damaged like the other
      return Optional.empty();
    }
  }
}
