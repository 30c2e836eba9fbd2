package org.tantra.media;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.BufferUnderflowException;

/// Bits of a file from its most significant on. Reading beyond the end ends in
/// [BufferUnderflowException]. Used by one thread.
final class FlacBits {
  private static final int[] CRC16 = table();

  private final MemorySegment bytes;
  private long position;
  private long cache;

  /// How many of the lowest bits of `cache` are still to come.
  private int held;

  FlacBits(MemorySegment bytes, long position) {
    this.bytes = bytes;
    this.position = position;
  }

  private static int[] table() {
    int[] table = new int[256];
    for (int i = 0; i < 256; i++) {
      int crc = i << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ 0x8005;
      }
      table[i] = crc & 0xffff;
    }
    return table;
  }

  /// Where the next whole byte lies.
  long position() {
    return position - held / 8;
  }

  /// Whether nothing is left.
  boolean atEnd() {
    return position() >= bytes.byteSize();
  }

  private void fill(int count) {
    while (held < count) {
      if (position >= bytes.byteSize()) {
        throw new BufferUnderflowException();
      }
      cache = (cache << 8) | (bytes.get(ValueLayout.JAVA_BYTE, position++) & 0xff);
      held += 8;
    }
  }

  /// The next bits as a number without sign.
  ///
  /// @param count 0 to 48
  long unsigned(int count) {
    fill(count);
    held -= count;
    return (cache >>> held) & ((1L << count) - 1);
  }

  /// The next bits as a number in two's complement.
  ///
  /// @param count 1 to 48
  long signed(int count) {
    return (unsigned(count) << (64 - count)) >> (64 - count);
  }

  /// How many zeros come before the next one, which is taken too.
  int zeros() {
    int zeros = 0;
    while (true) {
      fill(1);
      long rest = cache & ((1L << held) - 1);
      if (rest != 0) {
        int before = Long.numberOfLeadingZeros(rest) - (64 - held);
        held -= before + 1;
        return zeros + before;
      }
      zeros = Math.addExact(zeros, held);
      held = 0;
    }
  }

  /// Goes on at another byte.
  void skipTo(long byteOffset) {
    position = byteOffset;
    held = 0;
  }

  /// Whether these characters are next.
  boolean startsWith(int... expected) {
    return FirstBytes.are(bytes.asSlice(position()), expected);
  }

  /// Goes on at the next whole byte.
  void align() {
    held -= held % 8;
  }

  /// The check sum of bytes that were read.
  int crc16(long from, long to) {
    int crc = 0;
    for (long at = from; at < to; at++) {
      int index = (crc >> 8) ^ (bytes.get(ValueLayout.JAVA_BYTE, at) & 0xff);
      crc = ((crc << 8) ^ CRC16[index]) & 0xffff;
    }
    return crc;
  }
}
