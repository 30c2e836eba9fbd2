package org.tantra.host.registry;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// What an operator wants of each plugin, kept in a small JSON file.
///
/// The file is the way to command a running host from another process: whoever changes it takes a
/// lock beside it, writes a new file and renames it over the old one, and the host reads it again.
/// So it also survives a restart. Safe from several threads and processes.
///
/// ```json
/// {"plugins": {"gpt2": {"disabled": true, "pinned": "1.0.0", "reloads": 2}}}
/// ```
public final class DesiredState {
  private static final Logger log = LoggerFactory.getLogger(DesiredState.class);
  private static final Duration LOCK_LIMIT = Duration.ofSeconds(30);
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /// What is wanted of one plugin.
  ///
  /// @param disabled whether it shall not run
  /// @param pinned the only version that shall run; null for the newest
  /// @param reloads how often a new copy of it was asked for; a change asks for one more
  @JsonInclude(JsonInclude.Include.NON_DEFAULT)
  public record Choice(boolean disabled, @Nullable String pinned, long reloads) {
    /// The newest version, running.
    public static final Choice DEFAULT = new Choice(false, null, 0);

    Choice withDisabled(boolean other) {
      return new Choice(other, pinned, reloads);
    }

    Choice withPinned(@Nullable String other) {
      return new Choice(disabled, other, reloads);
    }

    Choice withOneMoreReload() {
      return new Choice(disabled, pinned, reloads + 1);
    }
  }

  private record Content(@Nullable Map<String, Choice> plugins) {}

  private final Path file;
  private volatile Map<String, Choice> choices = Map.of();

  /// @param file need not exist; its folder is made when something is written
  public DesiredState(Path file) {
    this.file = file;
    refresh();
  }

  /// What is wanted of a plugin, as of the last [#refresh()] or change.
  public Choice of(String id) {
    return choices.getOrDefault(id, Choice.DEFAULT);
  }

  /// Reads the file again. If it cannot be read, what was known stays, and the log says so.
  public void refresh() {
    try {
      choices = read();
    } catch (TantraException e) {
      log.warn("{} The choices made before stay.", e.getMessage());
    }
  }

  /// Lets a plugin run.
  ///
  /// @throws TantraException `CORRUPT` if the file is there but makes no sense, `BUSY` if another
  ///   process keeps the lock, `INTERNAL` if it cannot be written; the same of the methods below
  public void enable(String id) {
    change(id, choice -> choice.withDisabled(false));
  }

  /// Stops a plugin and keeps it from starting.
  public void disable(String id) {
    change(id, choice -> choice.withDisabled(true));
  }

  /// Lets only one version of a plugin run.
  public void pin(String id, String version) {
    change(id, choice -> choice.withPinned(version));
  }

  /// Lets the newest version run again.
  public void unpin(String id) {
    change(id, choice -> choice.withPinned(null));
  }

  /// Asks for a new copy of a plugin, or another attempt if it failed.
  public void reload(String id) {
    change(id, Choice::withOneMoreReload);
  }

  private synchronized void change(String id, UnaryOperator<Choice> change) {
    Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (FileChannel channel =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock _ = lock(channel)) {
        Map<String, Choice> next = new TreeMap<>(read());
        next.put(id, change.apply(next.getOrDefault(id, Choice.DEFAULT)));
        next.values().removeIf(Choice.DEFAULT::equals);
        write(next);
        choices = Map.copyOf(next);
      }
    } catch (IOException e) {
      throw new TantraException(ErrorKind.INTERNAL, "Cannot write " + file + ": " + e, e);
    }
  }

  private FileLock lock(FileChannel channel) throws IOException {
    long deadline = System.nanoTime() + LOCK_LIMIT.toNanos();
    while (true) {
      boolean late = System.nanoTime() > deadline; // however long this thread slept, it tries again
      try {
        FileLock lock = channel.tryLock();
        if (lock != null) {
          return lock;
        }
      } catch (OverlappingFileLockException _) { // held by this very process
        log.trace("Waiting for the lock of {}", file);
      }
      if (late) {
        throw new TantraException(
            ErrorKind.BUSY, file + " is being changed by another process. Try again.");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  private Map<String, Choice> read() {
    try {
      Map<String, Choice> found = JSON.readValue(Files.readAllBytes(file), Content.class).plugins();
      return found == null ? Map.of() : Map.copyOf(found);
    } catch (NoSuchFileException _) {
      return Map.of();
    } catch (JsonProcessingException e) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "%s makes no sense: %s. Mend or delete it.".formatted(file, e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new TantraException(ErrorKind.INTERNAL, "Cannot read " + file + ": " + e, e);
    }
  }

  private void write(Map<String, Choice> next) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".part");
    try (FileChannel channel =
        FileChannel.open(
            beside,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(new Content(next)));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
