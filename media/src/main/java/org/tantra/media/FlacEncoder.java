package org.tantra.media;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/// Mono FLAC of 16-bit samples: blocks of 4096, each predicted by the best of the five fixed
/// polynomials, what is left over in Rice codes. Does without the predictors fitted to each block
/// that make files some percent smaller.
///
/// @see <a href="https://www.rfc-editor.org/rfc/rfc9639">RFC 9639</a>
final class FlacEncoder implements SoundEncoder {
  private static final int BLOCK = 4096;
  private static final int BITS = 16;
  private static final int HIGHEST_ORDER = 4;

  /// Partitions of a whole block, as a power of two.
  private static final int PARTITIONS_LOG2 = 3;

  private static final int LARGEST_PARAMETER = 14;

  private final int sampleRateHz;
  private final int[] block = new int[BLOCK];
  private int filled;
  private long frame;

  FlacEncoder(int sampleRateHz) {
    this.sampleRateHz = sampleRateHz;
  }

  @Override
  public byte[] header() {
    BitSink out = new BitSink();
    for (char letter : "fLaC".toCharArray()) {
      out.put(letter, 8);
    }
    // The last block of metadata, stream info, of 34 bytes.
    out.put(0x80, 8);
    out.put(34, 24);
    out.put(BLOCK, 16);
    out.put(BLOCK, 16);
    // Sizes of frames, not known.
    out.put(0, 24);
    out.put(0, 24);
    out.put(sampleRateHz, 20);
    out.put(0, 3);
    out.put(BITS - 1, 5);
    // How many samples, and their check sum: not known.
    out.put(0, 4);
    for (int i = 0; i < 5; i++) {
      out.put(0, 32);
    }
    return out.toBytes();
  }

  @Override
  public byte[] add(float[] mono) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (float sample : mono) {
      block[filled++] = (int) Math.clamp(Math.rint(sample * 32767.0), -32768, 32767);
      if (filled == BLOCK) {
        out.writeBytes(frame());
      }
    }
    return out.toByteArray();
  }

  @Override
  public byte[] finish() {
    return filled == 0 ? new byte[0] : frame();
  }

  private byte[] frame() {
    int count = filled;
    filled = 0;
    BitSink out = new BitSink();
    // Sync, and blocks of one size but the last.
    out.put(0xFFF8, 16);
    out.put(count == BLOCK ? 0b1100 : 0b0111, 4);
    // The rate of the stream info, one channel, 16 bits.
    out.put(0, 4);
    out.put(0, 4);
    out.put(0b1000, 4);
    putNumber(out, frame++);
    if (count != BLOCK) {
      out.put(count - 1, 16);
    }
    byte[] head = out.toBytes();
    out.put(checkSum(head, 8, 0x07), 8);
    subframe(out, Arrays.copyOf(block, count));
    out.align();
    byte[] body = out.toBytes();
    out.put(checkSum(body, 16, 0x8005), 16);
    return out.toBytes();
  }

  /// A frame's number, spelled as UTF-8 spells a character's, of up to six bytes.
  private static void putNumber(BitSink out, long number) {
    if (number < 0x80) {
      out.put(number, 8);
      return;
    }
    int more = 1;
    while (number >>> (6 * more) >= 1L << (6 - more)) {
      more++;
    }
    out.put(((0xFF00 >>> (more + 1)) & 0xFF) | (number >>> (6 * more)), 8);
    for (int i = more - 1; i >= 0; i--) {
      out.put(0x80 | ((number >>> (6 * i)) & 0x3F), 8);
    }
  }

  private static void subframe(BitSink out, int[] samples) {
    int[] best = samples;
    int order = 0;
    int[] residual = samples;
    for (int next = 1; next <= Math.min(HIGHEST_ORDER, samples.length - 1); next++) {
      residual = difference(residual, next);
      if (sum(residual, next) < sum(best, order)) {
        best = residual;
        order = next;
      }
    }
    out.put(0b001000 | order, 7);
    out.put(0, 1);
    for (int i = 0; i < order; i++) {
      out.put(samples[i], BITS);
    }
    residual(out, best, order);
  }

  /// Each value less the one before it, from `from` on.
  private static int[] difference(int[] values, int from) {
    int[] result = values.clone();
    for (int i = from; i < values.length; i++) {
      result[i] = values[i] - values[i - 1];
    }
    return result;
  }

  private static long sum(int[] values, int from) {
    long sum = 0;
    for (int i = from; i < values.length; i++) {
      sum += Math.abs((long) values[i]);
    }
    return sum;
  }

  private static void residual(BitSink out, int[] values, int order) {
    int partitionsLog2 = values.length == BLOCK ? PARTITIONS_LOG2 : 0;
    int size = values.length >> partitionsLog2;
    out.put(0, 2);
    out.put(partitionsLog2, 4);
    for (int from = 0; from < values.length; from += size) {
      int first = Math.max(from, order);
      int count = from + size - first;
      long mean = count == 0 ? 0 : sum(Arrays.copyOf(values, from + size), first) / count;
      int parameter = Math.min(LARGEST_PARAMETER, 64 - Long.numberOfLeadingZeros(mean));
      out.put(parameter, 4);
      for (int i = first; i < from + size; i++) {
        int folded = (values[i] << 1) ^ (values[i] >> 31);
        out.unary(folded >>> parameter);
        out.put(folded, parameter);
      }
    }
  }

  /// A check sum of the given width, highest bit first, starting at 0.
  private static int checkSum(byte[] bytes, int width, int polynomial) {
    int sum = 0;
    for (byte value : bytes) {
      sum ^= (value & 0xFF) << (width - 8);
      for (int bit = 0; bit < 8; bit++) {
        sum = ((sum >>> (width - 1)) & 1) == 1 ? (sum << 1) ^ polynomial : sum << 1;
        sum &= (1 << width) - 1;
      }
    }
    return sum;
  }
}
