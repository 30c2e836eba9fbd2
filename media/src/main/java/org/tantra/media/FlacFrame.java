package org.tantra.media;

import java.util.Arrays;
import org.tantra.api.TantraException;

/// One frame of a FLAC file: some samples of each channel.
///
/// @see <a href="https://www.rfc-editor.org/rfc/rfc9639#section-9">RFC 9639, section 9</a>
final class FlacFrame {
  private static final int SYNC = 0x3ffe;
  private static final int LEFT_SIDE = 8;
  private static final int SIDE_RIGHT = 9;
  private static final int MID_SIDE = 10;

  /// Coefficients of the fixed predictors, by order.
  private static final int[][] FIXED = {{}, {1}, {2, -1}, {3, -3, 1}, {4, -6, 4, -1}};

  private final FlacBits bits;
  private final int channels;
  private final int sampleBits;
  private final long number;
  private int length;

  private FlacFrame(FlacBits bits, int channels, int sampleBits, long number) {
    this.bits = bits;
    this.channels = channels;
    this.sampleBits = sampleBits;
    this.number = number;
  }

  /// Decodes the next frame.
  ///
  /// @param number of the frame, for messages
  /// @return `[channels][samples]`
  /// @throws java.nio.BufferUnderflowException if the file ends inside it
  /// @throws TantraException `INVALID` if it is damaged
  static long[][] next(FlacBits bits, int channels, int sampleBits, long number) {
    return new FlacFrame(bits, channels, sampleBits, number).decoded();
  }

  private long[][] decoded() {
    long begin = bits.position();
    int assignment = header();
    long[][] samples = new long[channels][length];
    for (int c = 0; c < channels; c++) {
      boolean side = assignment == SIDE_RIGHT ? c == 0 : assignment >= LEFT_SIDE && c == 1;
      subframe(samples[c], sampleBits + (side ? 1 : 0));
    }
    bits.align();
    int crc = bits.crc16(begin, bits.position());
    if (crc != bits.unsigned(16)) {
      throw damaged("its check sum differs");
    }
    restore(samples, assignment);
    return samples;
  }

  /// Reads what comes before the samples.
  ///
  /// @return how channels are stored
  private int header() {
    if (bits.unsigned(14) != SYNC || bits.unsigned(1) != 0) {
      throw damaged("it does not begin as frames do");
    }
    bits.unsigned(1);
    int blockCode = (int) bits.unsigned(4);
    int rateCode = (int) bits.unsigned(4);
    int assignment = (int) bits.unsigned(4);
    int sizeCode = (int) bits.unsigned(3);
    bits.unsigned(1);
    skipNumber();
    length =
        switch (blockCode) {
          case 0 -> throw damaged("it has a reserved length");
          case 1 -> 192;
          case 6 -> (int) bits.unsigned(8) + 1;
          case 7 -> (int) bits.unsigned(16) + 1;
          default -> blockCode < 6 ? 144 << blockCode : 1 << blockCode;
        };
    bits.unsigned(rateCode == 12 ? 8 : rateCode == 13 || rateCode == 14 ? 16 : 0);
    bits.unsigned(8);
    int expected = assignment < LEFT_SIDE ? assignment + 1 : 2;
    if (assignment > MID_SIDE || expected != channels) {
      throw damaged("it has other channels than the file");
    }
    int stated =
        switch (sizeCode) {
          case 1 -> 8;
          case 2 -> 12;
          case 4 -> 16;
          case 5 -> 20;
          case 6 -> 24;
          case 7 -> 32;
          default -> sampleBits;
        };
    if (stated != sampleBits) {
      throw damaged("it has samples of " + stated + " bits in a file of " + sampleBits);
    }
    return assignment;
  }

  /// The frame's or sample's number, coded as UTF-8 codes characters.
  private void skipNumber() {
    int first = (int) bits.unsigned(8);
    for (int mask = 0x40; (first & 0x80) != 0 && (first & mask) != 0; mask >>= 1) {
      bits.unsigned(8);
    }
  }

  private void subframe(long[] out, int width) {
    if (bits.unsigned(1) != 0) {
      throw damaged("a channel begins with a reserved bit");
    }
    int type = (int) bits.unsigned(6);
    int wasted = bits.unsigned(1) == 0 ? 0 : bits.zeros() + 1;
    int kept = width - wasted;
    if (kept < 1) {
      throw damaged("a channel has no bits left");
    }
    if (type == 0) {
      Arrays.fill(out, bits.signed(kept));
    } else if (type == 1) {
      verbatim(out, out.length, kept);
    } else if (type >= 8 && type <= 12) {
      predicted(out, type - 8, kept, FIXED[type - 8], 0);
    } else if (type >= 32) {
      linear(out, type - 31, kept);
    } else {
      throw damaged("a channel is coded in a reserved way");
    }
    for (int i = 0; wasted > 0 && i < out.length; i++) {
      out[i] <<= wasted;
    }
  }

  private void verbatim(long[] out, int count, int width) {
    if (count > out.length) {
      throw damaged("it is shorter than its predictor");
    }
    for (int i = 0; i < count; i++) {
      out[i] = bits.signed(width);
    }
  }

  private void linear(long[] out, int order, int width) {
    verbatim(out, order, width);
    int precision = (int) bits.unsigned(4) + 1;
    int shift = (int) bits.signed(5);
    if (precision == 16 || shift < 0) {
      throw damaged("a predictor has a reserved precision");
    }
    int[] coefficients = new int[order];
    for (int i = 0; i < order; i++) {
      coefficients[i] = (int) bits.signed(precision);
    }
    residual(out, order);
    predict(out, order, coefficients, shift);
  }

  private void predicted(long[] out, int order, int width, int[] coefficients, int shift) {
    verbatim(out, order, width);
    residual(out, order);
    predict(out, order, coefficients, shift);
  }

  private static void predict(long[] out, int order, int[] coefficients, int shift) {
    for (int i = order; i < out.length; i++) {
      long sum = 0;
      for (int k = 0; k < order; k++) {
        sum += coefficients[k] * out[i - 1 - k];
      }
      out[i] += sum >> shift;
    }
  }

  /// Reads what the predictor misses, in partitions with a Rice parameter each.
  private void residual(long[] out, int order) {
    int method = (int) bits.unsigned(2);
    if (method > 1) {
      throw damaged("a residual is coded in a reserved way");
    }
    int parameterBits = method == 0 ? 4 : 5;
    int escape = (1 << parameterBits) - 1;
    int partitions = 1 << bits.unsigned(4);
    int each = out.length / partitions;
    if (out.length % partitions != 0 || each < order) {
      throw damaged("a residual has parts of unequal length");
    }
    int at = order;
    for (int p = 1; p <= partitions; p++) {
      int parameter = (int) bits.unsigned(parameterBits);
      int plain = parameter == escape ? (int) bits.unsigned(5) : 0;
      for (; at < p * each; at++) {
        if (parameter == escape) {
          out[at] = plain == 0 ? 0 : bits.signed(plain);
        } else {
          long folded = ((long) bits.zeros() << parameter) | bits.unsigned(parameter);
          out[at] = (folded >>> 1) ^ -(folded & 1);
        }
      }
    }
  }

  /// Two channels from one and their difference.
  private static void restore(long[][] samples, int assignment) {
    for (int i = 0; assignment >= LEFT_SIDE && i < samples[0].length; i++) {
      long first = samples[0][i];
      long second = samples[1][i];
      switch (assignment) {
        case LEFT_SIDE -> samples[1][i] = first - second;
        case SIDE_RIGHT -> samples[0][i] = first + second;
        default -> {
          long middle = (first << 1) | (second & 1);
          samples[0][i] = (middle + second) >> 1;
          samples[1][i] = (middle - second) >> 1;
        }
      }
    }
  }

  private TantraException damaged(String how) {
    return Sounds.invalid("Frame %d of the FLAC file is damaged: %s.".formatted(number, how));
  }
}
