package org.tantra.host.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// A folder for files of this process only, deleted with it: staged jars, the cache of the Felix
/// framework, which two processes must not share.
public final class ProcessFolder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ProcessFolder.class);
  private static final Pattern NAME = Pattern.compile("process-(\\d+)-(\\d+)-.*");

  /// The start of a process is derived from the time of boot, which clock corrections move.
  private static final long CLOCK_TOLERANCE_MILLIS = 10_000;

  private final Path path;

  private ProcessFolder(Path path) {
    this.path = path;
  }

  /// Makes the folder, and deletes those that processes which are gone have left.
  ///
  /// @param parent the run folder of the home; made if missing
  /// @throws TantraException `INTERNAL` if the folder cannot be made
  public static ProcessFolder open(Path parent) {
    ProcessHandle self = ProcessHandle.current();
    try {
      Files.createDirectories(parent);
      deleteLeftovers(parent);
      String prefix = "process-%d-%d-".formatted(self.pid(), startMillis(self));
      return new ProcessFolder(Files.createTempDirectory(parent, prefix));
    } catch (IOException e) {
      throw new TantraException(
          ErrorKind.INTERNAL, "Cannot make a folder in " + parent + ": " + e, e);
    }
  }

  public Path path() {
    return path;
  }

  private static void deleteLeftovers(Path parent) throws IOException {
    List<Path> folders;
    try (Stream<Path> found = Files.list(parent)) {
      folders = found.filter(Files::isDirectory).toList();
    }
    for (Path folder : folders) {
      Matcher name = NAME.matcher(folder.getFileName().toString());
      if (name.matches()
          && !isAlive(Long.parseLong(name.group(1)), Long.parseLong(name.group(2)))) {
        deleteTree(folder);
      }
    }
  }

  /// Process ids are used again, in containers nearly always, so the time of the start counts too.
  private static boolean isAlive(long pid, long startMillis) {
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    return process.isPresent()
        && Math.abs(startMillis(process.get()) - startMillis) <= CLOCK_TOLERANCE_MILLIS;
  }

  private static long startMillis(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  private static void deleteTree(Path root) {
    try (Stream<Path> found = Files.walk(root)) {
      for (Path file : found.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      log.warn("Cannot delete {}: {}", root, e.toString());
    }
  }

  /// Deletes the folder and all in it. Calling it again does nothing.
  @Override
  public void close() {
    if (Files.exists(path)) {
      deleteTree(path);
    }
  }
}
