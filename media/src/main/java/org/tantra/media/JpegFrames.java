package org.tantra.media;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// JPEG files one after the other: bare MJPEG, or a single picture.
final class JpegFrames implements Video {
  /// A bare stream does not tell its rate; this is what recorders of such streams usually use.
  private static final double USUAL_RATE = 25;

  private static final int START = 0xd8;
  private static final int END = 0xd9;
  private static final int SCAN = 0xda;

  private final List<MemorySegment> frames;

  private JpegFrames(List<MemorySegment> frames) {
    this.frames = frames;
  }

  static Video of(MemorySegment bytes) {
    List<MemorySegment> frames = new ArrayList<>();
    long at = 0;
    while (at + 4 <= bytes.byteSize() && marker(bytes, at) == START) {
      long end = endOf(bytes, at);
      frames.add(bytes.asSlice(at, end - at));
      at = end;
    }
    return frames.size() == 1
        ? new StillVideo(Pictures.read(frames.getFirst()))
        : new JpegFrames(List.copyOf(frames));
  }

  /// The marker at an offset: the byte behind 0xff, or -1 if there is none.
  private static int marker(MemorySegment bytes, long at) {
    return at + 1 < bytes.byteSize() && byteAt(bytes, at) == 0xff ? byteAt(bytes, at + 1) : -1;
  }

  private static int byteAt(MemorySegment bytes, long at) {
    return bytes.get(ValueLayout.JAVA_BYTE, at) & 0xff;
  }

  /// Where the picture that begins at an offset ends: segment by segment to the scans, and through
  /// their coded data to the end marker. A picture without one ends where the file does.
  private static long endOf(MemorySegment bytes, long start) {
    long at = start + 2;
    while (at + 4 <= bytes.byteSize()) {
      int marker = marker(bytes, at);
      if (marker == END) {
        return at + 2;
      }
      boolean segment = marker >= 0xc0 && marker != 0xff && !(marker >= 0xd0 && marker <= START);
      if (segment) {
        at += 2 + (byteAt(bytes, at + 2) << 8 | byteAt(bytes, at + 3));
        if (marker == SCAN) {
          at = endOfScan(bytes, at);
        }
      } else {
        at++;
      }
    }
    return marker(bytes, at) == END ? at + 2 : bytes.byteSize();
  }

  /// The next marker that is neither a restart nor a stuffed byte.
  private static long endOfScan(MemorySegment bytes, long from) {
    for (long at = from; at + 1 < bytes.byteSize(); at++) {
      int marker = marker(bytes, at);
      if (marker > 0 && marker != 0xff && !(marker >= 0xd0 && marker <= 0xd7)) {
        return at;
      }
    }
    return bytes.byteSize();
  }

  @Override
  public int frames() {
    return frames.size();
  }

  @Override
  public double framesPerSecond() {
    return USUAL_RATE;
  }

  @Override
  public Picture frame(int index) {
    return Pictures.read(frames.get(index));
  }

  @Override
  public void close() {}
}
