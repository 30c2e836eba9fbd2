package org.tantra.it;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.OpenOptions;
import org.tantra.api.Progress;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.DType;
import org.tantra.host.weights.Conversion;
import org.tantra.host.weights.WeightDiff;
import org.tantra.host.weights.WeightFiles;
import org.tantra.host.weights.WeightInspection;

/// Conversions between the formats that are built here.
final class WeightConversionTest {
  private static final List<String> WRITABLE = List.of("safetensors", "npz", "pt", "gguf");

  @TempDir static Path home;
  private static Installation installation;

  @TempDir Path folder;
  private Path source = Path.of("");

  @BeforeAll
  static void start() throws IOException {
    Installation.fill(home, WeightCorpus.plugins());
    installation = Installation.start(home, "pf4j");
  }

  @AfterAll
  static void stop() {
    installation.close();
  }

  @BeforeEach
  void writeSource() throws IOException {
    source = folder.resolve("source.safetensors");
    ByteBuffer numbers = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : new float[] {1, -2.5f, 1e-3f, 70_000f}) {
      numbers.putFloat(number);
    }
    numbers.putLong(1L << 60);
    write(
        source,
        "{\"__metadata__\":{\"licence\":\"free\"},"
            + "\"floats\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},"
            + "\"integers\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[16,24]}}",
        numbers.array());
  }

  private static void write(Path file, String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json).put(data);
    Files.write(file, bytes.array());
  }

  private static WeightFiles weights() {
    return installation.host().weights();
  }

  private static Conversion.Result convert(Conversion conversion) {
    return weights().convert(conversion, Conversion.Listener.NONE, Cancellation.NEVER);
  }

  private static WeightInspection inspect(Path file) {
    return weights().inspect(file, OpenOptions.NONE, Progress.NONE);
  }

  private static WeightDiff diff(Path first, Path second) {
    return weights().diff(first, second, OpenOptions.NONE, Progress.NONE);
  }

  static Stream<List<String>> pairs() {
    return WRITABLE.stream().flatMap(from -> WRITABLE.stream().map(to -> List.of(from, to)));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void everyBitSurvivesEveryPairOfFormats(List<String> pair) {
    Path first = folder.resolve("first." + pair.getFirst());
    Path second = folder.resolve("second." + pair.getLast());

    convert(Conversion.of(source, first).unsynced());
    convert(Conversion.of(first, second).unsynced());

    assertTrue(diff(source, second).same(), () -> diff(source, second).toString());
  }

  @Test
  void lostMetadataIsToldBeforeAnythingIsWritten() {
    AtomicReference<Conversion.Plan> told = new AtomicReference<>();
    Path to = folder.resolve("target.npz");
    Conversion.Listener listener =
        new Conversion.Listener() {
          @Override
          public void planned(Conversion.Plan plan) {
            told.set(plan);
            assertEquals(List.of(source), files(folder));
          }

          @Override
          public void advanced(String stage, long done, long total) {}
        };

    weights().convert(Conversion.of(source, to).unsynced(), listener, Cancellation.NEVER);

    assertEquals(
        List.of("npz has no place for metadata: 'licence' will be lost."),
        requireNonNull(told.get()).losses());
  }

  @Test
  void wideningIsExactAndSaidToBe() {
    Path wide = folder.resolve("wide.safetensors");
    Path back = folder.resolve("back.safetensors");

    var widened = convert(Conversion.of(source, wide).toDtype(DType.F64).unsynced());
    var narrowed = convert(Conversion.of(wide, back).toDtype(DType.F32).unsynced());

    assertEquals(List.of(), widened.plan().losses());
    assertEquals(0, widened.rounding().changed());
    assertEquals(
        List.of("Numbers will be rounded to the nearest: F64 to F32."), narrowed.plan().losses());
    assertEquals(0, narrowed.rounding().changed());
    assertTrue(diff(source, back).same());
  }

  @Test
  void roundingIsCounted() {
    Path half = folder.resolve("half.safetensors");

    var result = convert(Conversion.of(source, half).toDtype(DType.F16).unsynced());

    assertEquals(4, result.rounding().numbers());
    assertEquals(2, result.rounding().changed()); // 0.001, and 70000, which F16 cannot reach
    assertEquals(1, result.rounding().overflowed());
    assertEquals(
        Set.of(DType.F16, DType.I64),
        Set.copyOf(inspect(half).tensors().stream().map(WeightInspection.Tensor::dtype).toList()));
    assertEquals(Double.POSITIVE_INFINITY, diff(source, half).changed().getFirst().largest());
  }

  @Test
  void quantisedWeightsBecomePlainAndBack() throws IOException {
    ByteBuffer numbers = ByteBuffer.allocate(64 * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 64; i++) {
      numbers.putFloat((i - 20) / 7f);
    }
    write(
        source,
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2,32],\"data_offsets\":[0,256]}}",
        numbers.array());
    Path blocks = folder.resolve("blocks.gguf");
    Path plain = folder.resolve("plain.safetensors");
    Path again = folder.resolve("again.gguf");

    var quantised = convert(Conversion.of(source, blocks).toDtype(DType.Q8_0).unsynced());
    var expanded = convert(Conversion.of(blocks, plain).toDtype(DType.F32).unsynced());
    convert(Conversion.of(plain, again).toDtype(DType.Q8_0).unsynced());

    assertEquals(
        List.of("Numbers will be rounded to the nearest: F32 to Q8_0."), quantised.plan().losses());
    assertEquals(64, quantised.rounding().numbers());
    assertEquals(0, expanded.rounding().changed());
    assertEquals(DType.F32, inspect(plain).tensors().getFirst().dtype());
    // A number is at most half a step of its block off: the largest is 43/7, in 127 steps.
    assertEquals(43 / 7.0 / 127 / 2, diff(source, plain).changed().getFirst().largest(), 0.006);
    assertEquals(0, diff(blocks, plain).changed().getFirst().largest()); // only the types differ
    assertTrue(diff(blocks, again).same());
  }

  @Test
  void typeThatNothingIsConvertedToIsTheCallersMistake() {
    var error =
        assertThrows(
            TantraException.class,
            () -> convert(Conversion.of(source, folder.resolve("x.gguf")).toDtype(DType.I32)));

    assertEquals(ErrorKind.INVALID, error.kind());
    assertTrue(error.getMessage().contains("I32"), error::getMessage);
  }

  @Test
  void typeThatTheTargetCannotHoldIsRefusedBeforeAnythingIsWritten() {
    Path brain = folder.resolve("brain.safetensors");
    convert(Conversion.of(source, brain).toDtype(DType.BF16).unsynced());
    Path to = folder.resolve("target.npz");

    var error = assertThrows(TantraException.class, () -> convert(Conversion.of(brain, to)));

    assertEquals(ErrorKind.UNSUPPORTED, error.kind());
    assertTrue(error.getMessage().contains("BF16"), error::getMessage);
    assertTrue(error.getMessage().contains("'floats'"), error::getMessage);
    assertFalse(Files.exists(to));
  }

  @Test
  void sourceMayBeReplacedByItsOwnConversion() {
    var result = convert(Conversion.of(source, source).toDtype(DType.F64));

    assertEquals(4, result.rounding().numbers());
    assertEquals(List.of(source), files(folder));
    assertTrue(inspect(source).tensors().stream().anyMatch(tensor -> tensor.dtype() == DType.F64));
  }

  @Test
  void cancellationLeavesTheOldFile() throws IOException {
    Path to = Files.writeString(folder.resolve("old.npz"), "old");

    var error =
        assertThrows(
            TantraException.class,
            () ->
                weights().convert(Conversion.of(source, to), Conversion.Listener.NONE, () -> true));

    assertEquals(ErrorKind.CANCELLED, error.kind());
    assertEquals("old", Files.readString(to));
    assertEquals(2, files(folder).size());
  }

  @Test
  void shardsBecomeOneFile() {
    Path index =
        Installation.ROOT.resolve(
            "it/src/test/resources/golden/shards/safetensors/ok/sharded/model.safetensors.index.json");
    Path to = folder.resolve("whole.safetensors");

    convert(Conversion.of(index, to).unsynced());

    assertTrue(diff(index, to).same());
  }

  @Test
  void shardIsNotReplacedWhileItIsRead() throws IOException {
    Path from =
        Installation.ROOT.resolve("it/src/test/resources/golden/shards/safetensors/ok/sharded");
    for (Path file : files(from)) {
      Files.copy(file, folder.resolve(file.getFileName()));
    }
    Path index = folder.resolve("model.safetensors.index.json");
    Path shard = folder.resolve("model-00001-of-00003.safetensors");
    byte[] before = Files.readAllBytes(shard);

    var error = assertThrows(TantraException.class, () -> convert(Conversion.of(index, shard)));

    assertEquals(ErrorKind.INVALID, error.kind());
    assertArrayEquals(before, Files.readAllBytes(shard));
  }

  @Test
  void unknownTargetNamesTheFormatsThatWrite() {
    var error =
        assertThrows(
            TantraException.class,
            () -> convert(Conversion.of(source, folder.resolve("target.jpeg"))));

    assertEquals(ErrorKind.UNSUPPORTED, error.kind());
    assertTrue(error.getMessage().contains("safetensors"), error::getMessage);
  }

  /// One tensor of 192 MiB in a sparse file: opened in an instant, converted with a heap that could
  /// not hold it.
  @Test
  void largeFileNeedsNoHeap() throws IOException {
    long bytes = 192L << 20;
    Path large = folder.resolve("large.safetensors");
    write(
        large,
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
            .formatted(bytes / 4, bytes),
        new byte[0]);
    long header = Files.size(large);
    try (FileChannel channel = FileChannel.open(large, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1}), header + bytes - 1);
    }
    long before = heapAllocated();

    convert(Conversion.of(large, folder.resolve("large.npz")).unsynced());

    long allocated = heapAllocated() - before;
    assertTrue(allocated < 32 << 20, () -> allocated + " bytes of heap were allocated");
  }

  private static long heapAllocated() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
  }

  private static List<Path> files(Path folder) {
    List<Path> files = new ArrayList<>();
    try (var paths = Files.newDirectoryStream(folder)) {
      paths.forEach(files::add);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return files;
  }
}
