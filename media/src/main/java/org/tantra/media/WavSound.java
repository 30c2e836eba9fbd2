package org.tantra.media;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// A WAVE file: RIFF or RF64 chunks, the samples in `data`.
///
/// A `data` size of 0, `0xffffffff` or beyond the file's end (a stream whose writer could not go
/// back, or a recording cut short) means until the end of the file; a last frame that is not whole
/// is left out.
///
/// @see <a href="http://www-mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html">WAVE</a>
final class WavSound implements Sound {
  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int RIFF_HEADER = 12;
  private static final int CHUNK_HEADER = 8;
  private static final int EXTENSIBLE = 0xfffe;

  /// How a sample lies in the file.
  private enum Encoding {
    U8("8-bit", 1) {
      @Override
      float sample(MemorySegment bytes, long at) {
        return ((bytes.get(ValueLayout.JAVA_BYTE, at) & 0xff) - 128) / 128f;
      }
    },
    S16("16-bit", 2) {
      @Override
      float sample(MemorySegment bytes, long at) {
        return bytes.get(I16, at) / 32768f;
      }
    },
    S24("24-bit", 3) {
      @Override
      float sample(MemorySegment bytes, long at) {
        int low = bytes.get(I16, at) & 0xffff;
        return ((bytes.get(ValueLayout.JAVA_BYTE, at + 2) << 16) | low) / 8388608f;
      }
    },
    S32("32-bit", 4) {
      @Override
      float sample(MemorySegment bytes, long at) {
        return bytes.get(I32, at) / 0x1p31f;
      }
    },
    FLOAT("32-bit float", 4) {
      @Override
      float sample(MemorySegment bytes, long at) {
        return bytes.get(F32, at);
      }
    },
    DOUBLE("64-bit float", 8) {
      @Override
      float sample(MemorySegment bytes, long at) {
        return (float) bytes.get(F64, at);
      }
    },
    A_LAW("A-law", 1) {
      @Override
      float sample(MemorySegment bytes, long at) {
        return CompandedSample.aLaw(bytes.get(ValueLayout.JAVA_BYTE, at)) / 32768f;
      }
    },
    MU_LAW("mu-law", 1) {
      @Override
      float sample(MemorySegment bytes, long at) {
        return CompandedSample.muLaw(bytes.get(ValueLayout.JAVA_BYTE, at)) / 32768f;
      }
    };

    final String title;
    final int bytes;

    Encoding(String title, int bytes) {
      this.title = title;
      this.bytes = bytes;
    }

    abstract float sample(MemorySegment bytes, long at);
  }

  private record Layout(Encoding encoding, int sampleRateHz, int channels) {}

  private final MemorySegment data;
  private final Layout layout;
  private final long frames;
  private long position;

  private WavSound(MemorySegment data, Layout layout) {
    this.data = data;
    this.layout = layout;
    this.frames = data.byteSize() / ((long) layout.encoding().bytes * layout.channels());
  }

  static WavSound open(MemorySegment file) {
    if (file.byteSize() < RIFF_HEADER || !tag(file, 8).equals("WAVE")) {
      throw Sounds.invalid(
          "The audio file begins like RIFF, but is no WAVE file (first bytes %s)."
              .formatted(FirstBytes.of(file)));
    }
    Layout layout = null;
    long at = RIFF_HEADER;
    while (file.byteSize() - at >= CHUNK_HEADER) {
      String chunk = tag(file, at);
      long size = Integer.toUnsignedLong(file.get(I32, at + 4));
      long begin = at + CHUNK_HEADER;
      long rest = file.byteSize() - begin;
      if (chunk.equals("fmt ")) {
        layout = layout(file.asSlice(begin, Math.min(size, rest)));
      } else if (chunk.equals("data")) {
        if (layout == null) {
          throw Sounds.invalid("The WAVE file has samples before its 'fmt ' chunk.");
        }
        boolean streamed = size == 0xffff_ffffL || size > rest;
        return new WavSound(file.asSlice(begin, streamed ? rest : size), layout);
      }
      // Chunks begin at even offsets.
      at = begin + size + size % 2;
    }
    throw Sounds.invalid(
        layout == null
            ? "The WAVE file has no 'fmt ' chunk, which says how samples lie in it; it is damaged"
                + " or cut short."
            : "The WAVE file has no 'data' chunk, so no samples; it is damaged or cut short.");
  }

  private static String tag(MemorySegment file, long at) {
    StringBuilder tag = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      tag.append((char) (file.get(ValueLayout.JAVA_BYTE, at + i) & 0xff));
    }
    return tag.toString();
  }

  private static Layout layout(MemorySegment fmt) {
    if (fmt.byteSize() < 16) {
      throw Sounds.invalid(
          "The 'fmt ' chunk of the WAVE file has %d bytes; 16 are the least."
              .formatted(fmt.byteSize()));
    }
    int format = fmt.get(I16, 0) & 0xffff;
    int channels = fmt.get(I16, 2) & 0xffff;
    long sampleRateHz = Integer.toUnsignedLong(fmt.get(I32, 4));
    int blockBytes = fmt.get(I16, 12) & 0xffff;
    int bits = fmt.get(I16, 14) & 0xffff;
    Sounds.requirePlausible(sampleRateHz, channels);
    // An extensible header keeps the format in the first two bytes of a GUID.
    if (format == EXTENSIBLE && fmt.byteSize() >= 26) {
      format = fmt.get(I16, 24) & 0xffff;
    }
    Encoding encoding = encoding(format, bits);
    if (blockBytes != encoding.bytes * channels) {
      throw Sounds.invalid(
          "The WAVE file claims frames of %d bytes; %d channels of %s samples take %d."
              .formatted(blockBytes, channels, encoding.title, encoding.bytes * channels));
    }
    return new Layout(encoding, (int) sampleRateHz, channels);
  }

  private static Encoding encoding(int format, int bits) {
    return switch ((format << 8) | bits) {
      case 0x108 -> Encoding.U8;
      case 0x110 -> Encoding.S16;
      case 0x118 -> Encoding.S24;
      case 0x120 -> Encoding.S32;
      case 0x320 -> Encoding.FLOAT;
      case 0x340 -> Encoding.DOUBLE;
      case 0x608 -> Encoding.A_LAW;
      case 0x708 -> Encoding.MU_LAW;
      default ->
          throw Sounds.unsupported(
              "The WAVE file has format tag %d with %d bits a sample; read are PCM of 8, 16, 24 and 32 bits, float of 32 and 64, A-law and mu-law. Convert it to 16-bit PCM."
                  .formatted(format, bits));
    };
  }

  @Override
  public int sampleRateHz() {
    return layout.sampleRateHz();
  }

  @Override
  public int channels() {
    return layout.channels();
  }

  @Override
  public String encoding() {
    return "WAV, " + layout.encoding().title;
  }

  @Override
  public int read(float[] interleaved, int most) {
    int count = (int) Math.min(most, frames - position);
    Encoding encoding = layout.encoding();
    long at = position * layout.channels() * encoding.bytes;
    for (int i = 0; i < count * layout.channels(); i++) {
      float sample = encoding.sample(data, at + (long) i * encoding.bytes);
      if (!Float.isFinite(sample)) {
        throw Sounds.invalid(
            "The WAVE file has the sample %s in frame %d; samples must be finite."
                .formatted(sample, position + i / layout.channels()));
      }
      interleaved[i] = sample;
    }
    position += count;
    return count;
  }
}
