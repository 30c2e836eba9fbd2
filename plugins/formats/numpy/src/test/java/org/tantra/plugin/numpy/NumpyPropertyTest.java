package org.tantra.plugin.numpy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

final class NumpyPropertyTest {
  @Property(tries = 500)
  void headerWrittenAndReadIsEqual(@ForAll("dtypes") DType dtype, @ForAll("shapes") Shape shape) {
    byte[] header = NpyHeader.spelled(dtype, shape);

    long bytes = header.length + dtype.byteSize(shape.elements());
    NpyHeader read = NpyHeader.parse(header, bytes, "'a.npy'");

    assertEquals(
        new NpyHeader("1.0", new NpyDescr(dtype, false), false, shape, header.length), read);
    assertEquals(0, header.length % NpyHeader.ALIGNMENT);
  }

  @Property(tries = 500)
  void columnMajorArrayComesOutRowMajor(
      @ForAll("dtypes") DType dtype, @ForAll("shapes") Shape shape, @ForAll long seed) {
    byte[] columnMajor = random(dtype, shape, seed);
    int size = dtype.blockBytes();
    NpyHeader header = new NpyHeader("1.0", new NpyDescr(dtype, false), true, shape, 0);

    try (Arena scratch = Arena.ofConfined()) {
      byte[] rowMajor = bytes(NpyArray.view(header, MemorySegment.ofArray(columnMajor), scratch));

      assertEquals(columnMajor.length, rowMajor.length);
      for (int row = 0; row < shape.elements(); row++) {
        int column = columnMajorIndex(row, shape);
        for (int i = 0; i < size; i++) {
          assertEquals(columnMajor[column * size + i], rowMajor[row * size + i]);
        }
      }
    }
  }

  /// Where the element that is at `rowMajorIndex` in one order is in the other, by division.
  private static int columnMajorIndex(int rowMajorIndex, Shape shape) {
    long rest = rowMajorIndex;
    long index = 0;
    long rowStride = shape.elements();
    long columnStride = 1;
    for (int axis = 0; axis < shape.rank(); axis++) {
      rowStride /= shape.size(axis);
      index += rest / rowStride * columnStride;
      rest %= rowStride;
      columnStride *= shape.size(axis);
    }
    return (int) index;
  }

  @Property(tries = 300)
  void bigEndianArrayComesOutLittleEndian(
      @ForAll("dtypes") DType dtype, @ForAll("shapes") Shape shape, @ForAll long seed) {
    byte[] big = random(dtype, shape, seed);
    NpyHeader header = new NpyHeader("1.0", new NpyDescr(dtype, true), false, shape, 0);

    try (Arena scratch = Arena.ofConfined()) {
      byte[] little = bytes(NpyArray.view(header, MemorySegment.ofArray(big), scratch));

      boolean complex = dtype == DType.C64 || dtype == DType.C128;
      assertArrayEquals(reversed(big, dtype.blockBytes() / (complex ? 2 : 1)), little);
    }
  }

  private static byte[] reversed(byte[] bytes, int group) {
    byte[] reversed = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      reversed[i / group * group + group - 1 - i % group] = bytes[i];
    }
    return reversed;
  }

  @Property(tries = 300)
  void arrayInOrderIsNotCopied(@ForAll("dtypes") DType dtype, @ForAll("shapes") Shape shape) {
    MemorySegment data = MemorySegment.ofArray(random(dtype, shape, 1));
    NpyHeader header = new NpyHeader("1.0", new NpyDescr(dtype, false), false, shape, 0);
    TensorView view =
        NpyArray.view(
            header,
            data,
            (bytes, alignment) -> {
              throw new AssertionError("asked for " + bytes + " bytes by " + alignment);
            });
    assertTrue(view.memory().heapBase().equals(data.heapBase()));
  }

  @Provide
  Arbitrary<DType> dtypes() {
    return Arbitraries.of(NpyDescr.CODES.keySet());
  }

  @Provide
  Arbitrary<Shape> shapes() {
    return Arbitraries.longs()
        .between(0, 5)
        .list()
        .ofMaxSize(4)
        .map(NumpyPropertyTest::shape)
        .withoutEdgeCases();
  }

  private static Shape shape(List<Long> sizes) {
    return Shape.of(sizes.stream().mapToLong(size -> size).toArray());
  }

  private static byte[] random(DType dtype, Shape shape, long seed) {
    byte[] bytes = new byte[(int) dtype.byteSize(shape.elements())];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] bytes(TensorView view) {
    return view.memory().toArray(ValueLayout.JAVA_BYTE);
  }
}
