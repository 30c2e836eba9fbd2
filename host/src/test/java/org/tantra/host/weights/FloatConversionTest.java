package org.tantra.host.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorView;

/// The loops over `float` give the bits and the counts of the ones over `double`.
final class FloatConversionTest {
  private static final int NUMBERS = 100_003;

  @ParameterizedTest
  @CsvSource({"F32,BF16", "F32,F16", "BF16,F32", "F16,F32", "F64,F32", "F16,BF16"})
  void agreesWithTheLoopsOverDouble(DType from, DType to) {
    byte[] source = numbers(from);
    byte[] target = new byte[NUMBERS * to.blockBytes()];
    byte[] expected = new byte[target.length];
    double[] before = new double[NUMBERS];
    double[] after = new double[NUMBERS];
    Floats.read(from, MemorySegment.ofArray(source), 0, before, NUMBERS);
    Floats.write(to, MemorySegment.ofArray(expected), 0, before, NUMBERS);
    Floats.read(to, MemorySegment.ofArray(expected), 0, after, NUMBERS);

    Rounding rounding =
        new FloatConversion(from, to)
            .convert(MemorySegment.ofArray(source), MemorySegment.ofArray(target), NUMBERS);

    assertEquals(-1, MemorySegment.ofArray(expected).mismatch(MemorySegment.ofArray(target)));
    assertEquals(
        new Rounding(NUMBERS, 0, 0, 0).plus(Rounding.between(before, after, NUMBERS)), rounding);
  }

  @Test
  void channelTakesBytesThatEndWithinANumber() throws IOException {
    byte[] source = numbers(DType.F32);
    byte[] expected = new byte[NUMBERS * 2];
    new FloatConversion(DType.F32, DType.F16)
        .convert(MemorySegment.ofArray(source), MemorySegment.ofArray(expected), NUMBERS);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RetypingChannel channel = new RetypingChannel(DType.F32, DType.F16, Channels.newChannel(out));

    for (int at = 0; at < source.length; at += 1001) {
      channel.write(ByteBuffer.wrap(source, at, Math.min(1001, source.length - at)));
    }
    channel.finish();

    assertEquals(
        -1, MemorySegment.ofArray(expected).mismatch(MemorySegment.ofArray(out.toByteArray())));
    assertEquals(NUMBERS, channel.rounding().numbers());
  }

  /// Any bits, among them every pattern of the upper 16; no NaN with a payload that a conversion
  /// may cut off in two ways.
  private static byte[] numbers(DType dtype) {
    byte[] bytes = new byte[NUMBERS * dtype.blockBytes()];
    new Random(11).nextBytes(bytes);
    MemorySegment memory = MemorySegment.ofArray(bytes);
    for (int i = 0; i < NUMBERS; i++) {
      switch (dtype) {
        case F32 -> {
          float value =
              Float.intBitsToFloat(i < 65_536 ? i << 16 : memory.get(TensorView.I32, i * 4L));
          memory.set(TensorView.F32, i * 4L, Float.isNaN(value) ? Float.NaN : value);
        }
        case F64 -> memory.set(TensorView.F64, i * 8L, (i - 50_000) * 1.1e35);
        default -> {
          boolean nan =
              Float.isNaN(
                  dtype == DType.F16
                      ? Float.float16ToFloat((short) i)
                      : Float.intBitsToFloat(i << 16));
          memory.set(TensorView.BITS16, i * 2L, (short) (nan ? 0x7fc0 : i));
        }
      }
    }
    return bytes;
  }
}
