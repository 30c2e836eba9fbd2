package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.Cancellation;
import org.tantra.api.OpenOptions;
import org.tantra.api.tensor.DType;
import org.tantra.host.weights.Conversion;
import org.tantra.host.weights.WeightFiles;
import org.tantra.host.weights.WeightOpener;

/// How fast files are opened and converted, beside plain copies in the same run. Small by default;
/// for figures see `docs/formats.md`.
final class ConversionSpeedTest {
  private static final int MIB = Integer.getInteger("tantra.speed.mib", 32);
  private static final int TENSORS = 16;
  private static final int ROUNDS = Integer.getInteger("tantra.speed.rounds", 5);
  private static final List<String> TARGETS = List.of("safetensors", "npz", "pt", "gguf");

  @TempDir Path home;

  private interface Step {
    void run() throws IOException;
  }

  @Test
  void conversionIsMeasuredBesideACopy() throws Exception {
    Installation.fill(home, WeightCorpus.plugins());
    Path source = home.resolve("source.safetensors");
    writeSource(source);
    Path copied = home.resolve("copy.bin");
    Map<String, List<Taken>> seconds = new LinkedHashMap<>();
    Map<String, List<Opening>> opening = new LinkedHashMap<>();
    try (Installation installation = Installation.start(home, "pf4j")) {
      WeightFiles weights = installation.host().weights();
      for (int round = 0; round < ROUNDS; round++) {
        measure(seconds, "plain copy", () -> copy(source, copied, false));
        for (String to : TARGETS) {
          Path target = home.resolve("target." + to);
          Conversion conversion = Conversion.of(source, target);
          measure(seconds, "to " + to, () -> convert(weights, conversion.unsynced()));
          measureOpening(opening, to, installation, target);
        }
        Conversion halved = Conversion.of(source, home.resolve("halved.safetensors"));
        measure(seconds, "to BF16", () -> convert(weights, halved.toDtype(DType.BF16).unsynced()));
        measure(seconds, "plain copy, synced", () -> copy(source, copied, true));
        for (String to : TARGETS) {
          Conversion conversion = Conversion.of(source, home.resolve("target." + to));
          measure(seconds, "to " + to + ", synced", () -> convert(weights, conversion));
        }
      }
    }
    assertTrue(seconds.containsKey("plain copy"));
    print(seconds);
    printOpenings(opening);
    opening.forEach(
        (what, rounds) ->
            assertTrue(
                rounds.getLast().heapBytes() < 1 << 20,
                () -> "opening " + what + " took heap: " + rounds));
  }

  /// What one step took; processor time says more than the clock on a busy machine.
  private record Taken(double seconds, double processorSeconds) {}

  /// One opening of a file, all its tensors listed, none touched.
  private record Opening(double seconds, long heapBytes) {}

  private static void measureOpening(
      Map<String, List<Opening>> opening, String what, Installation installation, Path file) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long heap = threads.getCurrentThreadAllocatedBytes();
    long began = System.nanoTime();
    try (WeightOpener.Opened opened = installation.host().weights().open(file, OpenOptions.NONE)) {
      assertEquals(TENSORS, opened.file().tensors().size());
    }
    opening
        .computeIfAbsent(what, _ -> new ArrayList<>())
        .add(
            new Opening(
                (System.nanoTime() - began) / 1e9,
                threads.getCurrentThreadAllocatedBytes() - heap));
  }

  private static void convert(WeightFiles weights, Conversion conversion) {
    weights.convert(conversion, Conversion.Listener.NONE, Cancellation.NEVER);
  }

  private static void copy(Path from, Path to, boolean sync) throws IOException {
    Files.deleteIfExists(to);
    try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ);
        FileChannel out =
            FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      long at = 0;
      while (at < in.size()) {
        at += in.transferTo(at, in.size() - at, out);
      }
      if (sync) {
        out.force(true);
      }
    }
  }

  private static void measure(Map<String, List<Taken>> seconds, String what, Step step)
      throws IOException {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long busy = system.getProcessCpuTime();
    long began = System.nanoTime();
    step.run();
    seconds
        .computeIfAbsent(what, _ -> new ArrayList<>())
        .add(
            new Taken(
                (System.nanoTime() - began) / 1e9, (system.getProcessCpuTime() - busy) / 1e9));
  }

  private static void print(Map<String, List<Taken>> seconds) {
    double gigabytes = MIB * 1048576.0 / 1e9;
    System.out.printf(
        "conversion of %d MiB, heap at most %d MiB, median of %d:%n",
        MIB, Runtime.getRuntime().maxMemory() >> 20, ROUNDS);
    seconds.forEach(
        (what, times) -> {
          String base = what.endsWith("synced") ? "plain copy, synced" : "plain copy";
          double median = median(times, Taken::seconds);
          System.out.printf(
              Locale.ROOT,
              "  %-24s %.2f GB/s, %.2f times the copy, %.2f s of processor time%n",
              what,
              gigabytes / median,
              median / median(seconds.getOrDefault(base, times), Taken::seconds),
              median(times, Taken::processorSeconds));
        });
  }

  private static void printOpenings(Map<String, List<Opening>> opening) {
    opening.forEach(
        (what, rounds) ->
            System.out.printf(
                Locale.ROOT,
                "  opening %-16s %.1f ms, %d KiB of heap%n",
                what,
                median(rounds, Opening::seconds) * 1e3,
                rounds.getLast().heapBytes() >> 10));
  }

  private static <T> double median(List<T> rounds, ToDoubleFunction<T> figure) {
    return rounds.stream().mapToDouble(figure).sorted().toArray()[rounds.size() / 2];
  }

  private static void writeSource(Path file) throws IOException {
    int bytes = (MIB / TENSORS) << 20;
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i < TENSORS; i++) {
      header.append(i == 0 ? "" : ",");
      header.append(
          "\"layers.%d.weight\":{\"dtype\":\"F32\",\"shape\":[%d,1024],\"data_offsets\":[%d,%d]}"
              .formatted(i, bytes / 4096, (long) i * bytes, (i + 1L) * bytes));
    }
    byte[] json = header.append("}").toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer start = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
    byte[] random = new byte[1 << 20];
    new Random(5).nextBytes(random);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(start.putLong(json.length).put(json).flip());
      for (int i = 0; i < TENSORS * (bytes >> 20); i++) {
        channel.write(ByteBuffer.wrap(random));
      }
    }
  }
}
