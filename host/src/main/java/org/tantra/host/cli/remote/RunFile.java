package org.tantra.host.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// `run/host.json` of a home folder: which process serves from it, and where.
///
/// @param host address it listens on
/// @param port port it listens on
/// @param pid its process
/// @param started when it began to serve
public record RunFile(String host, int port, long pid, Instant started) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// The start of a process is derived from the time of boot, which clock corrections move.
  private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(10);

  /// This process, serving from now on.
  public static RunFile here(String host, int port) {
    return new RunFile(
        host, port, ProcessHandle.current().pid(), Instant.now().truncatedTo(ChronoUnit.MILLIS));
  }

  /// Where the file lies.
  public static Path in(Path home) {
    return home.resolve("run").resolve("host.json");
  }

  /// Which other process serves from a home folder; nothing if none does, or if the one that did
  /// has died.
  public static Optional<RunFile> read(Path home) {
    return parse(home).filter(RunFile::isAlive);
  }

  /// Process ids are used again, in containers nearly always: a file with the id of this process,
  /// or of one that started after the file was written, was left by another.
  private boolean isAlive() {
    return pid != ProcessHandle.current().pid()
        && ProcessHandle.of(pid)
            .filter(ProcessHandle::isAlive)
            .filter(process -> !startedAfter(process, started.plus(CLOCK_TOLERANCE)))
            .isPresent();
  }

  private static boolean startedAfter(ProcessHandle process, Instant time) {
    return process.info().startInstant().filter(time::isBefore).isPresent();
  }

  private static Optional<RunFile> parse(Path home) {
    JsonNode node;
    try {
      node = MAPPER.readTree(Files.readAllBytes(in(home)));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException _) {
      return Optional.empty(); // not ours, or cut short: nobody to talk to
    }
    Instant started;
    try {
      started = Instant.parse(node.path("started").asText());
    } catch (DateTimeParseException _) {
      return Optional.empty();
    }
    return Optional.of(
        new RunFile(
            node.path("host").asText(),
            node.path("port").asInt(),
            node.path("pid").asLong(),
            started));
  }

  /// Writes the file in one step: readers see all of it or nothing.
  public void write(Path home) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("host", host);
    node.put("port", port);
    node.put("pid", pid);
    node.put("started", started.toString());
    Path file = in(home);
    try {
      Files.createDirectories(file.getParent());
      Path beside = file.resolveSibling(".host.json." + pid);
      Files.writeString(beside, MAPPER.writeValueAsString(node) + "\n");
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  /// Removes the file, if it still speaks of this process.
  public void remove(Path home) {
    if (parse(home).filter(this::equals).isEmpty()) {
      return;
    }
    try {
      Files.deleteIfExists(in(home));
    } catch (IOException e) {
      throw new UncheckedIOException(in(home) + " cannot be removed", e);
    }
  }
}
