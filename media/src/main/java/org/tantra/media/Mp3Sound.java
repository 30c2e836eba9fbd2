package org.tantra.media;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jcodec.codecs.mpa.Mp3Decoder;
import org.jcodec.common.model.AudioBuffer;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// An MP3 file, MPEG-1 and MPEG-2 layer III, decoded by jcodec. What is no frame between frames is
/// left out, as players do; what the encoder put before and behind the sound is cut off where it
/// says how much that is.
final class Mp3Sound implements Sound {
  /// Bytes looked through for the next frame.
  private static final int LOST = 1 << 16;

  /// Samples by which every decoder is late.
  private static final int DECODER_DELAY = 529;

  /// Offset in the encoder's tag of the samples before and behind the sound, 12 bits each.
  private static final int DELAY_OFFSET = 21;

  private final MemorySegment file;
  private final Mp3Header kind;
  private final Mp3Decoder decoder = new Mp3Decoder();
  private final ByteBuffer decoded;
  private long at;

  /// Frames of samples to leave out first, and those still to come.
  private long skip;

  private long left;

  private Mp3Sound(MemorySegment file, long at, Mp3Header kind) {
    this.file = file;
    this.at = at;
    this.kind = kind;
    this.left = Long.MAX_VALUE;
    this.decoded =
        ByteBuffer.allocate(2 * kind.samples() * kind.channels()).order(ByteOrder.LITTLE_ENDIAN);
    decoded.limit(0);
  }

  /// Whether a file is MP3: two frames of the same kind, one behind the other.
  static boolean begins(MemorySegment file) {
    return first(file) >= 0;
  }

  private static long first(MemorySegment file) {
    long from = Id3Tag.length(file);
    long until = Math.min(file.byteSize(), from + (from == 0 ? 1 : LOST));
    for (long at = from; at < until; at++) {
      Mp3Header header = Mp3Header.at(file, at);
      if (header != null) {
        Mp3Header second = Mp3Header.at(file, at + header.bytes());
        if (at + header.bytes() == file.byteSize() || (second != null && second.sameKind(header))) {
          return at;
        }
      }
    }
    return -1;
  }

  static Mp3Sound open(MemorySegment file) {
    long at = first(file);
    Mp3Header header = at < 0 ? null : Mp3Header.at(file, at);
    if (header == null) {
      throw Sounds.invalid("The MP3 file has no frames.");
    }
    Mp3Sound sound = new Mp3Sound(file, at, header);
    sound.readTag(header);
    return sound;
  }

  /// The first frame may hold no sound, but the number of frames and what to cut off.
  private void readTag(Mp3Header header) {
    long tag = at + Mp3Header.HEADER_BYTES + header.sideBytes();
    if (file.byteSize() < tag + 8 || at + header.bytes() > file.byteSize()) {
      return;
    }
    MemorySegment rest = file.asSlice(tag);
    if (!FirstBytes.are(rest, 'X', 'i', 'n', 'g') && !FirstBytes.are(rest, 'I', 'n', 'f', 'o')) {
      return;
    }
    at += header.bytes();
    int flags = rest.get(ValueLayout.JAVA_BYTE, 7) & 0xff;
    int offset = 8;
    long frames = 0;
    if ((flags & 1) != 0 && rest.byteSize() >= offset + 4) {
      for (int i = 0; i < 4; i++) {
        frames = (frames << 8) | (rest.get(ValueLayout.JAVA_BYTE, offset + i) & 0xff);
      }
    }
    offset += (flags & 1) * 4 + ((flags >> 1) & 1) * 4 + ((flags >> 2) & 1) * 100;
    offset += ((flags >> 3) & 1) * 4;
    if (rest.byteSize() < offset + DELAY_OFFSET + 3 || frames == 0) {
      return;
    }
    int three = 0;
    for (int i = 0; i < 3; i++) {
      three = (three << 8) | (rest.get(ValueLayout.JAVA_BYTE, offset + DELAY_OFFSET + i) & 0xff);
    }
    int before = three >> 12;
    int behind = three & 0xfff;
    long samples = frames * header.samples() - (before + behind);
    if (three != 0 && samples > 0) {
      skip = (long) before + DECODER_DELAY;
      left = samples;
    }
  }

  @Override
  public int sampleRateHz() {
    return kind.sampleRateHz();
  }

  @Override
  public int channels() {
    return kind.channels();
  }

  @Override
  public String encoding() {
    return "MP3";
  }

  @Override
  public int read(float[] interleaved, int frames) {
    int done = 0;
    while (done < frames && left > 0) {
      if (!decoded.hasRemaining() && !nextFrame()) {
        break;
      }
      if (skip > 0) {
        long count = Math.min(skip, decoded.remaining() / (2 * kind.channels()));
        decoded.position(decoded.position() + (int) count * 2 * kind.channels());
        skip -= count;
        continue;
      }
      for (int c = 0; c < kind.channels(); c++) {
        interleaved[done * kind.channels() + c] = decoded.getShort() / 32768f;
      }
      done++;
      left--;
    }
    return done;
  }

  private boolean nextFrame() {
    Mp3Header header = findFrame();
    if (header == null) {
      return false;
    }
    ByteBuffer frame = file.asSlice(at, header.bytes()).asByteBuffer();
    at += header.bytes();
    decoded.clear();
    try {
      AudioBuffer buffer = decoder.decodeFrame(frame, decoded);
      ByteBuffer data = buffer.getData().duplicate();
      decoded.position(0).limit(Math.min(decoded.capacity(), data.remaining()));
      return true;
    } catch (IOException | RuntimeException e) {
      throw damaged(e);
    }
  }

  private static TantraException damaged(Exception cause) {
    return new TantraException(
            ErrorKind.INVALID,
            "The MP3 file is damaged: a frame cannot be decoded (%s).".formatted(cause),
            cause)
        .about("audio");
  }

  private @Nullable Mp3Header findFrame() {
    for (int lost = 0; lost < LOST; lost++, at++) {
      Mp3Header header = Mp3Header.at(file, at);
      if (header != null && header.sameKind(kind) && at + header.bytes() <= file.byteSize()) {
        return header;
      }
      if (at + Mp3Header.HEADER_BYTES >= file.byteSize()) {
        return null;
      }
    }
    return null;
  }
}
