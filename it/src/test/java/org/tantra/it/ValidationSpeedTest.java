package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;
import org.tantra.host.store.Scrub;
import org.tantra.host.store.Validation;
import org.tantra.host.store.WeightStore;

/// How fast a weight is validated, checksum and every number, beside `sha256sum` of the same file
/// in the same run. Small by default; for figures see `docs/operations.md`.
final class ValidationSpeedTest {
  private static final int MIB = Integer.getInteger("tantra.speed.mib", 32);
  private static final int ROUNDS = 3;

  @TempDir Path home;

  @Test
  void validationIsMeasuredBesideSha256sum() throws Exception {
    Installation.fill(home, List.of("safetensors"));
    Path file = home.resolve("Model/weights/speed_v1_safetensors.safetensors");
    write(file);
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    try (Installation installation = Installation.start(home, "pf4j")) {
      WeightStore store = installation.host().store();
      Scrub recorded = store.verify(Progress.NONE, Cancellation.NEVER).getFirst();
      assertEquals(Scrub.State.RECORDED, recorded.state());
      for (int round = 0; round < ROUNDS; round++) {
        long began = System.nanoTime();
        String sum = sha256sum(file);
        theirs.add((System.nanoTime() - began) / 1e9);
        Validation found = store.validate("speed", "v1");
        ours.add(found.took().toNanos() / 1e9);
        assertEquals(List.of(), found.problems());
        assertEquals("sha256", found.checksum());
        assertEquals(sum, found.entry().sha256());
      }
    }
    double gigabytes = Files.size(file) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%d MiB, best of %d: sha256sum %.2f s (%.2f GB/s), validate %.2f s (%.2f GB/s), %.2f times"
            + " as long%n",
        MIB,
        ROUNDS,
        best(theirs),
        gigabytes / best(theirs),
        best(ours),
        gigabytes / best(ours),
        best(ours) / best(theirs));
  }

  private static double best(List<Double> seconds) {
    return seconds.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
  }

  private static String sha256sum(Path file) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("sha256sum", file.toString()).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said.substring(0, 64);
  }

  /// One tensor of finite numbers.
  private static void write(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    long bytes = (long) MIB << 20;
    byte[] header =
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[%d,1024],\"data_offsets\":[0,%d]}}"
            .formatted(bytes / 4096, bytes)
            .getBytes(StandardCharsets.UTF_8);
    Random random = new Random(5);
    ByteBuffer step = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
    while (step.hasRemaining()) {
      step.putFloat(random.nextFloat());
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(
          ByteBuffer.allocate(8 + header.length)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(header.length)
              .put(header)
              .flip());
      for (int i = 0; i < MIB; i++) {
        channel.write(step.flip());
      }
    }
  }
}
