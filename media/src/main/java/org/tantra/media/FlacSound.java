package org.tantra.media;

import java.lang.foreign.MemorySegment;
import java.nio.BufferUnderflowException;

/// A FLAC file. One that is cut short ends with its last whole frame; check sums of all frames are
/// looked at.
///
/// @see <a href="https://www.rfc-editor.org/rfc/rfc9639">RFC 9639</a>
final class FlacSound implements Sound {
  private static final int STREAM_INFO_BYTES = 34;
  private static final int MOST_BITS = 32;

  private final FlacBits bits;
  private final int sampleRateHz;
  private final int channels;
  private final int sampleBits;

  /// Samples of each channel that are still to come; very many if the file does not say.
  private long left;

  private long frame;
  private long[][] block = {};
  private int taken;

  private FlacSound(FlacBits bits, int sampleRateHz, int channels, int sampleBits, long samples) {
    this.bits = bits;
    this.sampleRateHz = sampleRateHz;
    this.channels = channels;
    this.sampleBits = sampleBits;
    this.left = samples == 0 ? Long.MAX_VALUE : samples;
  }

  /// Whether a file is FLAC, perhaps behind an ID3 tag.
  static boolean begins(MemorySegment file) {
    return FirstBytes.are(file.asSlice(Id3Tag.length(file)), 'f', 'L', 'a', 'C');
  }

  static FlacSound open(MemorySegment file) {
    FlacBits bits = new FlacBits(file, Id3Tag.length(file) + 4);
    FlacSound sound = null;
    try {
      boolean last = false;
      while (!last) {
        last = bits.unsigned(1) == 1;
        int type = (int) bits.unsigned(7);
        int size = (int) bits.unsigned(24);
        long end = bits.position() + size;
        if (type == 0 && size >= STREAM_INFO_BYTES) {
          sound = streamInfo(bits);
        }
        if (end > file.byteSize()) {
          throw new BufferUnderflowException();
        }
        bits.skipTo(end);
      }
    } catch (BufferUnderflowException _) {
      throw Sounds.invalid("The FLAC file is cut short before its first frame.");
    }
    if (sound == null) {
      throw Sounds.invalid("The FLAC file does not say its rate and channels; it is damaged.");
    }
    return sound;
  }

  private static FlacSound streamInfo(FlacBits bits) {
    // Lengths of blocks and frames, which nothing here depends on.
    bits.unsigned(32);
    bits.unsigned(48);
    int rate = (int) bits.unsigned(20);
    int channels = (int) bits.unsigned(3) + 1;
    int sampleBits = (int) bits.unsigned(5) + 1;
    long samples = bits.unsigned(36);
    Sounds.requirePlausible(rate, channels);
    if (sampleBits < 4 || sampleBits > MOST_BITS) {
      throw Sounds.invalid(
          "The FLAC file claims samples of %d bits; 4 to 32 are possible.".formatted(sampleBits));
    }
    return new FlacSound(bits, rate, channels, sampleBits, samples);
  }

  @Override
  public int sampleRateHz() {
    return sampleRateHz;
  }

  @Override
  public int channels() {
    return channels;
  }

  @Override
  public String encoding() {
    return "FLAC, " + sampleBits + "-bit";
  }

  @Override
  public int read(float[] interleaved, int frames) {
    int done = 0;
    while (done < frames && left > 0) {
      if (block.length == 0 || taken == block[0].length) {
        if (!nextBlock()) {
          left = 0;
          break;
        }
      }
      int count = (int) Math.min(left, Math.min(frames - done, block[0].length - taken));
      float scale = 1f / (1L << (sampleBits - 1));
      for (int i = 0; i < count; i++) {
        for (int c = 0; c < channels; c++) {
          interleaved[(done + i) * channels + c] = block[c][taken + i] * scale;
        }
      }
      taken += count;
      done += count;
      left -= count;
    }
    return done;
  }

  private boolean nextBlock() {
    if (bits.atEnd() || bits.startsWith('T', 'A', 'G')) {
      return false;
    }
    try {
      block = FlacFrame.next(bits, channels, sampleBits, frame++);
      taken = 0;
      return true;
    } catch (BufferUnderflowException _) {
      return false;
    }
  }
}
