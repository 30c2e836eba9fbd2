package org.tantra.media;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One box of an ISO base media file (MP4, MOV): a type and content, which may be boxes again.
/// Reading never leaves the content, and nothing is allocated on the word of a count.
///
/// @param type four letters
/// @param content what follows the box's header
record IsoBox(String type, MemorySegment content) {
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /// The boxes in some bytes, one after the other.
  ///
  /// @throws org.tantra.api.TantraException `INVALID` if a box is larger than what is left
  static List<IsoBox> all(MemorySegment bytes) {
    List<IsoBox> boxes = new ArrayList<>();
    long at = 0;
    while (at + 8 <= bytes.byteSize()) {
      long left = bytes.byteSize() - at;
      long size = Integer.toUnsignedLong(bytes.get(I32, at));
      long header = 8;
      if (size == 1 && left >= 16) {
        size = bytes.get(I64, at + 8);
        header = 16;
      } else if (size == 0) {
        size = left;
      }
      if (size < header || size > left) {
        throw Video.invalid(
            "The video's box at byte %d claims %d bytes; %d are left. It is damaged or cut short."
                .formatted(at, size, left),
            null);
      }
      boxes.add(new IsoBox(letters(bytes, at + 4), bytes.asSlice(at + header, size - header)));
      at += size;
    }
    return boxes;
  }

  private static String letters(MemorySegment bytes, long at) {
    return new String(bytes.asSlice(at, 4).toArray(ValueLayout.JAVA_BYTE), US_ASCII);
  }

  /// The first box of a type among those inside.
  Optional<IsoBox> child(String wanted) {
    return all(content).stream().filter(box -> box.type().equals(wanted)).findFirst();
  }

  /// The first box of a type among those inside.
  ///
  /// @throws org.tantra.api.TantraException `INVALID` if there is none
  IsoBox needed(String wanted) {
    return child(wanted)
        .orElseThrow(
            () ->
                Video.invalid(
                    "The video's '%s' box holds no '%s'. It is damaged or cut short."
                        .formatted(type, wanted),
                    null));
  }

  /// A 32-bit number of the content, unsigned.
  ///
  /// @throws org.tantra.api.TantraException `INVALID` if the content ends before it
  long unsigned(long at) {
    require(at, 4);
    return Integer.toUnsignedLong(content.get(I32, at));
  }

  /// A 32-bit number of the content.
  int signed(long at) {
    require(at, 4);
    return content.get(I32, at);
  }

  /// A 64-bit number of the content.
  long wide(long at) {
    require(at, 8);
    return content.get(I64, at);
  }

  /// A 16-bit number of the content, unsigned.
  int half(long at) {
    require(at, 2);
    return (content.get(ValueLayout.JAVA_BYTE, at) & 0xff) << 8
        | (content.get(ValueLayout.JAVA_BYTE, at + 1) & 0xff);
  }

  /// How many entries a table has, each of some bytes.
  ///
  /// @param at where the count stands; the entries follow it
  /// @throws org.tantra.api.TantraException `INVALID` if they do not fit into the content
  int entries(long at, int bytesEach) {
    long count = unsigned(at);
    require(at + 4, Math.multiplyExact(count, (long) bytesEach));
    return Math.toIntExact(count);
  }

  private void require(long at, long bytes) {
    if (at + bytes > content.byteSize()) {
      throw Video.invalid(
          "The video's '%s' box has %d bytes, its content asks for %d. It is damaged or cut short."
              .formatted(type, content.byteSize(), at + bytes),
          null);
    }
  }
}
