package org.tantra.plugin.espeak;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Runs the program: with a list of arguments and no shell, within a time, and with as much output
/// as a long sentence has. A run that is cancelled or takes too long is killed with its children.
/// Safe from several threads.
///
/// @param limit of one run
record EspeakProgram(Path file, Duration limit) {
  /// Some ten minutes of speech.
  private static final int MOST_OUTPUT = 32 << 20;

  private static final int MOST_COMPLAINT = 4096;

  /// How long what was printed last may take to be read.
  private static final Duration LAST_OUTPUT = Duration.ofSeconds(2);

  /// How often a run is asked whether it is still wanted.
  private static final long TURN_MILLIS = 20;

  /// What a run prints that takes no input.
  String text(List<String> arguments, Cancellation cancellation) {
    return new String(run(arguments, new byte[0], cancellation), UTF_8);
  }

  /// @return all of its output
  /// @throws TantraException `CANCELLED`; `UNSUPPORTED` if it cannot be started; `EXHAUSTED` if it
  ///   takes too long or prints too much; `INTERNAL` if it fails, with what it says
  byte[] run(List<String> arguments, byte[] input, Cancellation cancellation) {
    List<String> command = new ArrayList<>(List.of(file.toString()));
    command.addAll(arguments);
    Process process;
    try {
      process = new ProcessBuilder(command).start();
    } catch (IOException e) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED, "'" + file + "' cannot be started: " + e.getMessage() + ".", e);
    }
    Pipe output = new Pipe(process.getInputStream(), MOST_OUTPUT);
    Pipe complaint = new Pipe(process.getErrorStream(), MOST_COMPLAINT);
    Thread writer = start("stdin", () -> write(process.getOutputStream(), input));
    Thread reader = start("stdout", output);
    Thread listener = start("stderr", complaint);
    try {
      await(process, output, cancellation);
    } finally {
      // Ending one that has ended would close its pipes before they are read.
      if (process.isAlive()) {
        kill(process);
      }
      join(writer);
      join(reader);
      join(listener);
    }
    requireBounded(output);
    if (process.exitValue() != 0) {
      throw new TantraException(
          ErrorKind.INTERNAL,
          "'%s' ended with %d: %s"
              .formatted(file, process.exitValue(), new String(complaint.bytes(), UTF_8).strip()));
    }
    return output.bytes();
  }

  private void await(Process process, Pipe output, Cancellation cancellation) {
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      while (!process.waitFor(TURN_MILLIS, TimeUnit.MILLISECONDS)) {
        cancellation.check();
        if (System.nanoTime() > deadline) {
          throw new TantraException(
              ErrorKind.EXHAUSTED,
              "'%s' was not done after %d ms, and was ended. A higher model.timeout_seconds in Config/espeak.yaml gives it longer."
                  .formatted(file, limit.toMillis()));
        }
        requireBounded(output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TantraException(ErrorKind.CANCELLED, "Cancelled.", e);
    }
  }

  private void requireBounded(Pipe output) {
    if (output.overflowed()) {
      throw new TantraException(
          ErrorKind.EXHAUSTED,
          "'%s' printed more than %d bytes for a sentence, and was ended."
              .formatted(file, MOST_OUTPUT));
    }
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static Thread start(String name, Runnable body) {
    return Thread.ofPlatform().daemon().name("espeak-" + name).start(body);
  }

  /// Pipes end with the process, unless it left something behind that holds on to them.
  private static void join(Thread thread) {
    try {
      thread.join(LAST_OUTPUT);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(OutputStream to, byte[] input) {
    try (to) {
      to.write(input);
    } catch (IOException _) {
      // It ended without reading all; its exit value says why.
    }
  }

  /// Reads everything, and keeps the first part.
  private static final class Pipe implements Runnable {
    private final InputStream from;
    private final int most;

    /// Its own lock guards it.
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

    private volatile boolean overflowed;

    Pipe(InputStream from, int most) {
      this.from = from;
      this.most = most;
    }

    @Override
    public void run() {
      byte[] block = new byte[8192];
      try (from) {
        for (int count; (count = from.read(block)) >= 0; ) {
          int room = most - kept.size();
          kept.write(block, 0, Math.min(count, room));
          overflowed |= count > room;
        }
      } catch (IOException _) {
        // The process was ended; what it printed by then is enough.
      }
    }

    boolean overflowed() {
      return overflowed;
    }

    byte[] bytes() {
      return kept.toByteArray();
    }
  }
}
