package org.tantra.bench;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.tantra.api.Compute;

/// Adds up memory as 32-bit integers, four vectors at a time: reads and does as good as nothing
/// else, so its speed is the memory's.
final class PlainSum {
  private static final VectorSpecies<Integer> I32 = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Byte> I8 = ByteVector.SPECIES_PREFERRED;
  private static final int BYTES = I32.vectorByteSize();

  private PlainSum() {}

  /// The sum, each thread adding its share; the rest of less than four vectors is left out.
  static int of(MemorySegment memory, Compute compute) {
    AtomicInteger total = new AtomicInteger();
    long steps = memory.byteSize() / (4L * BYTES);
    int parts = compute.threads();
    compute.parallel(
        parts,
        part -> {
          long from = steps * part / parts;
          long to = steps * (part + 1) / parts;
          // Each kind of memory has a loop of its own: one that has seen both is several times
          // slower.
          total.addAndGet(
              memory.heapBase().orElse(null) instanceof byte[] array
                  ? range(array, Math.toIntExact(memory.address()), (int) from, (int) to)
                  : range(memory, from, to));
        });
    return total.get();
  }

  private static int range(byte[] array, int start, int from, int to) {
    IntVector a = IntVector.zero(I32);
    IntVector b = a;
    IntVector c = a;
    IntVector d = a;
    for (int step = from; step < to; step++) {
      int at = start + step * (4 * BYTES);
      a = a.add(load(array, at));
      b = b.add(load(array, at + BYTES));
      c = c.add(load(array, at + 2 * BYTES));
      d = d.add(load(array, at + 3 * BYTES));
    }
    return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
  }

  private static IntVector load(byte[] array, int at) {
    return ByteVector.fromArray(I8, array, at).reinterpretAsInts();
  }

  private static int range(MemorySegment memory, long from, long to) {
    IntVector a = IntVector.zero(I32);
    IntVector b = a;
    IntVector c = a;
    IntVector d = a;
    for (long step = from; step < to; step++) {
      long at = step * 4 * BYTES;
      a = a.add(IntVector.fromMemorySegment(I32, memory, at, LITTLE_ENDIAN));
      b = b.add(IntVector.fromMemorySegment(I32, memory, at + BYTES, LITTLE_ENDIAN));
      c = c.add(IntVector.fromMemorySegment(I32, memory, at + 2L * BYTES, LITTLE_ENDIAN));
      d = d.add(IntVector.fromMemorySegment(I32, memory, at + 3L * BYTES, LITTLE_ENDIAN));
    }
    return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
  }
}
