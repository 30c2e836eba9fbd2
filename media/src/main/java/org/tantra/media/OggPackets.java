package org.tantra.media;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// The packets of the first stream in an Ogg file. One that is cut short ends with its last whole
/// packet; check sums of all pages are looked at. Used by one thread.
final class OggPackets {
  private final MemorySegment file;
  private long page;
  private long body;
  private int segment;
  private int segments;
  private int serial;
  private boolean begun;
  private boolean lastPage;
  private long granule;

  OggPackets(MemorySegment file) {
    this.file = file;
  }

  /// The next packet; null at the end.
  ///
  /// @throws org.tantra.api.TantraException `INVALID` if a page is damaged
  byte @Nullable [] next() {
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    while (true) {
      if (segment == segments && !nextPage()) {
        return null;
      }
      int size = at(page + Ogg.HEADER_BYTES + segment);
      segment++;
      packet.writeBytes(file.asSlice(body, size).toArray(ValueLayout.JAVA_BYTE));
      body += size;
      if (size < 255) {
        return packet.toByteArray();
      }
    }
  }

  /// Whether the packet that came last ends on the stream's last page.
  boolean onLastPage() {
    return lastPage;
  }

  /// The position that the last packet's page states for its end, in the codec's units.
  long granule() {
    return granule;
  }

  private boolean nextPage() {
    while (!lastPage) {
      long from = begun ? body : 0;
      if (from + Ogg.HEADER_BYTES > file.byteSize()) {
        return false;
      }
      if (!FirstBytes.are(file.asSlice(from), 'O', 'g', 'g', 'S', 0)) {
        throw Sounds.invalid("The Ogg file is damaged: no page begins at byte %d.".formatted(from));
      }
      int count = at(from + Ogg.HEADER_BYTES - 1);
      long start = from + Ogg.HEADER_BYTES + count;
      long end = start;
      for (int i = 0; i < count && start <= file.byteSize(); i++) {
        end += at(from + Ogg.HEADER_BYTES + i);
      }
      if (end > file.byteSize() || start > file.byteSize()) {
        return false;
      }
      requireWhole(from, end);
      int owner = file.get(ValueLayout.JAVA_INT_UNALIGNED, from + 14);
      boolean ours = !begun || owner == serial;
      begun = true;
      body = end;
      if (ours) {
        serial = owner;
        page = from;
        body = start;
        segment = 0;
        segments = count;
        granule = file.get(ValueLayout.JAVA_LONG_UNALIGNED, from + 6);
        lastPage = (at(from + 5) & Ogg.LAST) != 0;
        if (count > 0) {
          return true;
        }
      }
    }
    return false;
  }

  private void requireWhole(long from, long end) {
    int sum = 0;
    for (long i = from; i < end; i++) {
      boolean own = i >= from + Ogg.CHECK_SUM_AT && i < from + Ogg.CHECK_SUM_AT + 4;
      sum = Ogg.checkSum(sum, own ? 0 : file.get(ValueLayout.JAVA_BYTE, i));
    }
    if (sum != file.get(ValueLayout.JAVA_INT_UNALIGNED, from + Ogg.CHECK_SUM_AT)) {
      throw Sounds.invalid(
          "The Ogg file is damaged: the check sum of the page at byte %d does not fit."
              .formatted(from));
    }
  }

  private int at(long index) {
    if (index >= file.byteSize()) {
      return 0;
    }
    return file.get(ValueLayout.JAVA_BYTE, index) & 0xFF;
  }
}
