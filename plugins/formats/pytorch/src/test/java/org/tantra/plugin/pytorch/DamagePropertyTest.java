package org.tantra.plugin.pytorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.testkit.MemoryWeights;
import org.tantra.testkit.WeightAssertions;

class DamagePropertyTest {
  @Property(tries = 300)
  void anyFileCutAnywhereIsCorrupt(@ForAll("soundFiles") Corpus.Entry entry, @ForAll int where) {
    byte[] bytes = Corpus.bytes(entry);
    byte[] cut = Arrays.copyOf(bytes, position(where, bytes.length));
    try (Arena arena = Arena.ofConfined()) {
      var error = assertThrows(TantraException.class, () -> open(cut, arena));
      assertEquals(ErrorKind.CORRUPT, error.kind(), error.getMessage());
    }
  }

  /// The checksums cover everything a tensor is made of.
  @Property(tries = 300)
  void flippedBitOfAnArchiveNeverChangesATensorUnnoticed(
      @ForAll("archives") Corpus.Entry entry, @ForAll int where) {
    byte[] bytes = Corpus.bytes(entry);
    byte[] flipped = bytes.clone();
    int bit = position(where, bytes.length * 8);
    flipped[bit / 8] ^= (byte) (1 << (bit % 8));
    try (Arena arena = Arena.ofConfined()) {
      MemoryWeights damaged = MemoryWeights.copyOf(open(flipped, arena));
      WeightAssertions.assertSameTensors(MemoryWeights.copyOf(open(bytes, arena)), damaged);
    } catch (TantraException e) {
      assertFalse(e.kind() == ErrorKind.INTERNAL, e.getMessage());
    }
  }

  @Property(tries = 300)
  void overwrittenBytesOfAStreamAreReadOrRefused(
      @ForAll("streams") Corpus.Entry entry, @ForAll int where, @ForAll byte[] other) {
    byte[] bytes = Corpus.bytes(entry);
    int from = position(where, bytes.length);
    System.arraycopy(other, 0, bytes, from, Math.min(other.length, bytes.length - from));
    Archives.assertReadOrRefused(arena -> open(bytes, arena));
  }

  @Provide
  Arbitrary<Corpus.Entry> soundFiles() {
    return sound("torch-");
  }

  @Provide
  Arbitrary<Corpus.Entry> archives() {
    return sound("torch-zip");
  }

  @Provide
  Arbitrary<Corpus.Entry> streams() {
    return sound("torch-legacy");
  }

  private static Arbitrary<Corpus.Entry> sound(String format) {
    return Arbitraries.of(
        Corpus.entries().stream()
            .filter(Corpus.Entry::ok)
            .filter(entry -> entry.expected().get("format").asText().startsWith(format))
            .toList());
  }

  private static WeightFile open(byte[] bytes, Arena arena) {
    MemorySegment file = MemorySegment.ofArray(bytes);
    return switch (Container.of(file)) {
      case ZIP -> TorchZip.open(file, "damaged.pt", arena);
      case LEGACY -> TorchLegacy.open(file, "damaged.pt");
      case PICKLE, TAR, PREVIEW, UNKNOWN -> throw Container.refused(file, "damaged.pt");
    };
  }

  /// A place below `length`.
  private static int position(int where, int length) {
    return Math.floorMod(where, length);
  }
}
