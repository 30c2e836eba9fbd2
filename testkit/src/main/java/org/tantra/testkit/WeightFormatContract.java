package org.tantra.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.ErrorKind;
import org.tantra.api.FileHead;
import org.tantra.api.FileSlice;
import org.tantra.api.OpenOptions;
import org.tantra.api.Probe;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.WeightFormat;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// What every [WeightFormat] keeps to. A plugin's test class extends it, names the format and a
/// tiny file of it, and says what the format lacks:
///
/// ```java
/// final class GgufFormatContractTest extends WeightFormatContract {
///   @Override protected WeightFormat format() { return new GgufFormat(); }
///   @Override protected Fixture tinyFile() { return Fixture.of("golden/tiny-2x8/model.gguf"); }
///   @Override protected Set<Behaviour> lacks() { return Set.of(Behaviour.WRITING); }
/// }
/// ```
///
/// The tiny file should hold at least two tensors with bytes in them, if the format can, and be as
/// small as that allows: up to 4000 bytes it is cut at every byte, and up to 500 bytes every bit of
/// it is flipped; of larger files the ends and a sample between are tried.
///
/// The class is long because the promises are many; it is a flat list of them, to be read by
/// heading.
public abstract class WeightFormatContract {
  /// What a format may do without, if it says so and refuses cleanly.
  public enum Behaviour {
    /// [WeightFormat#write] makes files.
    WRITING,
    /// Metadata written comes back.
    METADATA,
    /// A file holds any number of tensors, each by a name of its own. A format that lacks it writes
    /// one tensor, called like the one of its tiny file.
    SEVERAL_TENSORS
  }

  /// Most cuts and most flips tried.
  private static final int SAMPLES = 4_000;

  private static final long SEED = 7_919;

  @TempDir Path folder;

  /// A new object of the extension under test.
  protected abstract WeightFormat format();

  /// A small sound file of the format.
  protected abstract Fixture tinyFile();

  /// What the format does without; the contract then asserts that it refuses.
  protected Set<Behaviour> lacks() {
    return Set.of();
  }

  /// Ids of the formats whose files this one reads; others must be declined.
  protected Set<String> reads() {
    return Set.of(format().info().id());
  }

  /// Shapes that a written tensor of this type can have.
  protected List<Shape> shapes(DType dtype) {
    long block = dtype.blockElements();
    return block == 1
        ? List.of(Shape.of(), Shape.of(7), Shape.of(3, 0, 2), Shape.of(2, 3, 5))
        : List.of(Shape.of(block), Shape.of(3, 2 * block));
  }

  // ---- who it is

  @Test
  void isFoundAsAService() {
    Class<?> type = format().getClass();
    assertTrue(
        ServiceLoader.load(WeightFormat.class).stream()
            .anyMatch(provider -> provider.type() == type),
        () -> type.getName() + " is not listed in META-INF/services");
  }

  @Test
  void saysTheSameAboutItselfEachTime() {
    assertEquals(format().info(), format().info());
    assertEquals(!lacks().contains(Behaviour.WRITING), format().info().canWrite());
    assertEquals(
        format().info().canWrite() && !lacks().contains(Behaviour.METADATA),
        format().info().metadata());
  }

  @Test
  void acceptsItsOwnFile() throws IOException {
    byte[] bytes = tinyBytes();
    byte[] head = Arrays.copyOf(bytes, Math.min(bytes.length, FileHead.MAXIMUM_BYTES));

    Probe probe = format().probe(new FileHead(head, bytes.length));

    var accepted = assertInstanceOf(Probe.Accepted.class, probe);
    try (WeightFile file = open(tinyFile().path())) {
      assertEquals(accepted.version(), file.formatVersion());
    }
  }

  @TestFactory
  Stream<DynamicTest> declinesForeignBytes() {
    Set<String> own = reads();
    return Stream.of(ForeignBytes.values())
        .filter(foreign -> !own.contains(foreign.owner()))
        .map(foreign -> DynamicTest.dynamicTest(foreign.name(), () -> declines(foreign)));
  }

  private void declines(ForeignBytes foreign) {
    var declined = assertInstanceOf(Probe.Declined.class, format().probe(foreign.head()));
    assertFalse(declined.reason().isBlank());
  }

  // ---- reading

  @Test
  void contentCountsAndTheFileNameDoesNot() throws IOException {
    Path misnamed = Files.copy(tinyFile().path(), folder.resolve("holiday.jpeg"));
    try (WeightFile expected = open(tinyFile().path());
        WeightFile actual = open(misnamed)) {
      WeightAssertions.assertSameTensors(expected, actual);
    }
  }

  @Test
  void missingFileIsAnIoException() {
    assertThrows(NoSuchFileException.class, () -> open(folder.resolve("nothing-here")));
  }

  @Test
  void everyTensorIsAsItsInfoSays() throws IOException {
    try (WeightFile file = open(tinyFile().path())) {
      assertFalse(file.tensors().isEmpty());
      WeightAssertions.assertReadable(file);
    }
  }

  @Test
  void slicesOfTheFileHoldTheBytesOfTheirTensors() throws IOException {
    try (WeightFile file = open(tinyFile().path());
        Arena scratch = Arena.ofConfined()) {
      for (TensorInfo info : file.tensors()) {
        byte[] expected = file.tensor(info.name(), scratch).memory().toArray(ValueLayout.JAVA_BYTE);
        RecordingChannel copy = RecordingChannel.slow(3);
        assertEquals(expected.length, file.copyTo(info.name(), copy), info.name());
        assertArrayEquals(expected, copy.bytes(), info.name());
        Optional<FileSlice> slice = file.slice(info.name());
        if (slice.isPresent()) {
          ByteBuffer read = ByteBuffer.allocate(expected.length);
          slice.get().read(0, read);
          assertArrayEquals(expected, read.array(), info.name());
          assertEquals(expected.length, slice.get().bytes(), info.name());
        }
      }
    }
  }

  @Test
  void viewsOfTheFileDoNotOverlap() throws IOException {
    try (WeightFile file = open(tinyFile().path());
        Arena scratch = Arena.ofConfined()) {
      Set<String> shared = new HashSet<>();
      file.shared().forEach(shared::addAll);
      List<MemorySegment> mapped =
          file.tensors().stream()
              .filter(info -> !shared.contains(info.name()))
              .map(info -> file.tensor(info.name(), scratch).memory())
              .filter(memory -> memory.isMapped() && memory.byteSize() > 0)
              .sorted(Comparator.comparingLong(MemorySegment::address))
              .toList();
      for (int i = 1; i < mapped.size(); i++) {
        MemorySegment before = mapped.get(i - 1);
        assertTrue(before.address() + before.byteSize() <= mapped.get(i).address());
      }
    }
  }

  @Test
  void viewsOfTheFileAreReadOnly() throws IOException {
    try (WeightFile file = open(tinyFile().path());
        Arena scratch = Arena.ofConfined()) {
      for (TensorInfo info : file.tensors()) {
        MemorySegment memory = file.tensor(info.name(), scratch).memory();
        assertTrue(memory.isReadOnly() || !memory.isMapped(), info.name());
      }
    }
  }

  @Test
  void unknownNameIsNotFound() throws IOException {
    try (WeightFile file = open(tinyFile().path());
        Arena scratch = Arena.ofConfined()) {
      assertTrue(file.info("no such weight").isEmpty());
      var error = assertThrows(TantraException.class, () -> file.tensor("no such weight", scratch));
      assertEquals(ErrorKind.NOT_FOUND, error.kind());
      assertTrue(String.valueOf(error.getMessage()).contains("no such weight"), error::getMessage);
    }
  }

  @Test
  void severalThreadsReadTheSame() throws Exception {
    int readers = 4;
    CountDownLatch start = new CountDownLatch(readers);
    try (WeightFile file = open(tinyFile().path());
        ExecutorService threads = Executors.newFixedThreadPool(readers)) {
      MemoryWeights expected = MemoryWeights.copyOf(file);
      Callable<Boolean> read =
          () -> {
            start.countDown();
            start.await();
            for (int i = 0; i < 20; i++) {
              WeightAssertions.assertSameTensors(expected, file);
            }
            return true;
          };
      List<Future<Boolean>> results = new ArrayList<>();
      for (int i = 0; i < readers; i++) {
        results.add(threads.submit(read));
      }
      for (Future<Boolean> result : results) {
        assertTrue(result.get());
      }
    }
  }

  // ---- closing

  @Test
  void nothingIsReadAfterClose() throws IOException {
    WeightFile file = open(tinyFile().path());
    TensorInfo info = firstWithBytes(file);
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment before = file.tensor(info.name(), scratch).memory();
      boolean view = !before.scope().equals(scratch.scope());

      file.close();

      if (view) {
        assertThrows(IllegalStateException.class, () -> before.get(ValueLayout.JAVA_BYTE, 0));
      }
      assertThrows(
          IllegalStateException.class,
          () -> file.tensor(info.name(), scratch).memory().get(ValueLayout.JAVA_BYTE, 0));
    }
  }

  @Test
  void secondCloseIsHarmless() throws IOException {
    WeightFile file = open(tinyFile().path());
    file.close();
    file.close();
  }

  @Test
  void anotherThreadMayClose() throws Exception {
    WeightFile file = open(tinyFile().path());
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      thread.submit(file::close).get();
    }
    LeakCheck.assertReleased(tinyFile().path());
  }

  @Test
  void closingOneOpeningLeavesTheOther() throws IOException {
    try (WeightFile remaining = open(tinyFile().path())) {
      MemoryWeights expected;
      try (WeightFile closed = open(tinyFile().path())) {
        expected = MemoryWeights.copyOf(closed);
      }
      WeightAssertions.assertSameTensors(expected, remaining);
    }
  }

  @Test
  void closingReleasesTheFile() throws IOException {
    Path copy = Files.copy(tinyFile().path(), folder.resolve("released"));
    try (WeightFile file = open(copy)) {
      WeightAssertions.assertReadable(file);
    }
    LeakCheck.assertReleased(copy);
  }

  @Test
  void openFileOutlivesItsReplacementAndDeletion() throws IOException {
    Path copy = Files.copy(tinyFile().path(), folder.resolve("replaced"));
    Path other = Files.writeString(folder.resolve("other"), "something else");
    try (WeightFile expected = open(tinyFile().path());
        WeightFile file = open(copy)) {
      Files.move(other, copy, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      WeightAssertions.assertSameTensors(expected, file);
      Files.delete(copy);
      WeightAssertions.assertSameTensors(expected, file);
    }
    LeakCheck.assertReleased(folder);
  }

  // ---- damaged files

  @Test
  void everyCutIsCorruptAndNamesThePlace() throws IOException {
    byte[] bytes = tinyBytes();
    Path cut = folder.resolve("cut-short");
    for (int length : sampled(bytes.length)) {
      Files.write(cut, Arrays.copyOf(bytes, length));
      TantraException error =
          assertThrows(
              TantraException.class, () -> openAndRead(cut), () -> "cut to " + length + " bytes");
      String message = String.valueOf(error.getMessage());
      assertEquals(ErrorKind.CORRUPT, error.kind(), () -> "cut to " + length + ": " + message);
      assertTrue(message.contains("cut-short"), () -> "names the file: " + message);
      assertTrue(
          length == 0 || message.chars().anyMatch(Character::isDigit),
          () -> "names the place: " + message);
    }
    LeakCheck.assertReleased(folder);
  }

  @Test
  void everyFlippedBitGivesAResultOrACleanRefusal() throws IOException {
    byte[] bytes = tinyBytes();
    Path damaged = folder.resolve("damaged");
    for (int bit : sampled(bytes.length * 8)) {
      byte mask = (byte) (1 << (bit % 8));
      bytes[bit / 8] ^= mask;
      Files.write(damaged, bytes);
      bytes[bit / 8] ^= mask;
      try {
        openAndRead(damaged);
      } catch (TantraException e) {
        assertTrue(
            e.kind() == ErrorKind.CORRUPT || e.kind() == ErrorKind.UNSUPPORTED,
            () -> "bit " + bit + ": " + e.kind() + ", " + e.getMessage());
      } catch (RuntimeException | Error e) {
        throw new AssertionError("bit " + bit + " of the file flipped", e);
      }
    }
    LeakCheck.assertReleased(folder);
  }

  // ---- writing

  @TestFactory
  Stream<DynamicTest> writtenTensorsComeBackBitForBit() {
    return format().info().writes().stream()
        .sorted()
        .map(dtype -> DynamicTest.dynamicTest(dtype.name(), () -> roundTrip(dtype)));
  }

  private void roundTrip(DType dtype) throws IOException {
    Random random = new Random(SEED);
    Map<String, TensorView> tensors = new LinkedHashMap<>();
    for (Shape shape : shapes(dtype)) {
      TensorView tensor = MemoryWeights.random(dtype, shape, random);
      assertComesBack(MemoryWeights.of(Map.of(name("w"), tensor)));
      tensors.put("layers." + tensors.size() + ".größe", tensor);
    }
    if (several()) {
      assertComesBack(MemoryWeights.of(tensors));
    }
  }

  @Test
  void tinyFileWrittenAgainIsEqual() throws IOException {
    assumeWriting();
    try (WeightFile source = open(tinyFile().path())) {
      assertComesBack(MemoryWeights.copyOf(source).withMetadata(Map.of()));
    }
  }

  @Test
  void metadataComesBackUnlessLacking() throws IOException {
    assumeWriting();
    Map<String, String> metadata = Map.of("grüße", "\"a\"\n\\b", "empty", "");
    Path written = folder.resolve("metadata");
    Files.write(written, bytesOf(mixedWeights().withMetadata(metadata)));
    try (WeightFile file = open(written)) {
      assertEquals(lacks().contains(Behaviour.METADATA) ? Map.of() : metadata, file.metadata());
    }
  }

  @Test
  void writingTwiceGivesEqualBytes() throws IOException {
    assumeWriting();
    assertArrayEquals(bytesOf(mixedWeights()), bytesOf(mixedWeights()));
  }

  @Test
  void anyNumberOfTensorsComesBackUnlessLacking() throws IOException {
    assumeWriting();
    DType dtype = format().info().writes().stream().min(Comparator.naturalOrder()).orElseThrow();
    MemoryWeights two =
        MemoryWeights.of(Map.of(name("a"), randomBlock(dtype), "b", randomBlock(dtype)));
    for (MemoryWeights weights : List.of(MemoryWeights.of(Map.of()), two)) {
      if (several()) {
        assertComesBack(weights);
      } else {
        assertRefusesToWrite(weights);
      }
    }
  }

  @Test
  void channelThatTakesFewBytesAtATimeGetsTheSameFile() throws IOException {
    assumeWriting();
    RecordingChannel slow = RecordingChannel.slow(7);
    format().write(slow, mixedWeights());
    assertArrayEquals(bytesOf(mixedWeights()), slow.bytes());
  }

  @Test
  void channelIsLeftOpen() throws IOException {
    assumeWriting();
    RecordingChannel channel = RecordingChannel.fast();
    format().write(channel, mixedWeights());
    assertTrue(channel.isOpen());
  }

  @Test
  void failingChannelIsAnIoException() throws IOException {
    assumeWriting();
    int half = bytesOf(mixedWeights()).length / 2;
    for (int room : List.of(0, 1, half)) {
      assertThrows(
          IOException.class,
          () -> format().write(RecordingChannel.failingAfter(room), mixedWeights()));
    }
  }

  @Test
  void writerHoldsOneTensorAtATime() throws IOException {
    assumeWriting();
    format().write(RecordingChannel.fast(), new OneAtATimeWeights(mixedWeights()));
  }

  @TestFactory
  Stream<DynamicTest> unwritableTensorsAreRefusedBeforeTheFirstByte() {
    return Stream.of(DType.values())
        .filter(dtype -> !format().info().writes().contains(dtype))
        .map(dtype -> DynamicTest.dynamicTest(dtype.name(), () -> refusesToWrite(dtype)));
  }

  private void refusesToWrite(DType dtype) throws IOException {
    Map<String, TensorView> tensors = new LinkedHashMap<>();
    if (several() && format().info().canWrite()) {
      DType writable = format().info().writes().stream().findFirst().orElseThrow();
      tensors.put("writable", randomBlock(writable));
    }
    String odd = name("odd.one");
    tensors.put(odd, randomBlock(dtype));

    String message = assertRefusesToWrite(MemoryWeights.of(tensors));

    assertTrue(lacks().contains(Behaviour.WRITING) || message.contains(odd), message);
  }

  private String assertRefusesToWrite(MemoryWeights weights) {
    RecordingChannel channel = RecordingChannel.fast();
    var error = assertThrows(TantraException.class, () -> format().write(channel, weights));
    assertEquals(ErrorKind.UNSUPPORTED, error.kind(), error.getMessage());
    assertEquals(0, channel.bytes().length, "bytes written before the refusal");
    return String.valueOf(error.getMessage());
  }

  // ---- steps

  private WeightFile open(Path path) throws IOException {
    return format().open(path, OpenOptions.NONE);
  }

  private byte[] tinyBytes() throws IOException {
    return Files.readAllBytes(tinyFile().path());
  }

  private void assumeWriting() {
    assumeFalse(lacks().contains(Behaviour.WRITING), "the format is read-only");
  }

  private void openAndRead(Path path) throws IOException {
    try (WeightFile file = open(path)) {
      WeightAssertions.assertReadable(file);
    }
  }

  private static TensorInfo firstWithBytes(WeightFile file) {
    return file.tensors().stream()
        .filter(info -> info.byteSize() > 0)
        .findFirst()
        .orElseThrow(() -> new AssertionError("the tiny file has no tensor with bytes in it"));
  }

  private void assertComesBack(MemoryWeights weights) throws IOException {
    Path written = folder.resolve("written");
    Files.write(written, bytesOf(weights));
    try (WeightFile file = open(written)) {
      WeightAssertions.assertSameTensors(weights, file);
    }
  }

  private byte[] bytesOf(MemoryWeights weights) throws IOException {
    RecordingChannel channel = RecordingChannel.fast();
    format().write(channel, weights);
    return channel.bytes();
  }

  /// One tensor of each type the format writes, in an order that is not sorted by name; just one if
  /// it can hold no more.
  private MemoryWeights mixedWeights() throws IOException {
    Map<String, TensorView> tensors = new LinkedHashMap<>();
    for (DType dtype :
        format().info().writes().stream().sorted(Comparator.reverseOrder()).toList()) {
      tensors.put(name("of." + dtype), randomBlock(dtype));
    }
    return MemoryWeights.of(tensors);
  }

  private boolean several() {
    return !lacks().contains(Behaviour.SEVERAL_TENSORS);
  }

  /// The name wished for, or the only one that a tensor of the format can have.
  private String name(String wish) throws IOException {
    if (several()) {
      return wish;
    }
    try (WeightFile file = open(tinyFile().path())) {
      return file.tensors().getFirst().name();
    }
  }

  private TensorView randomBlock(DType dtype) {
    return MemoryWeights.random(dtype, Shape.of(2, 3L * dtype.blockElements()), new Random(SEED));
  }

  /// All of `0..count-1`, or the first ones, the last ones and some between if they are too many.
  private static int[] sampled(int count) {
    if (count <= SAMPLES) {
      return IntStream.range(0, count).toArray();
    }
    int part = SAMPLES / 4;
    IntStream between = new Random(SEED).ints(part, part, count - part);
    return Stream.of(IntStream.range(0, part), between, IntStream.range(count - part, count))
        .flatMapToInt(indices -> indices)
        .toArray();
  }
}
