package org.tantra.plugin.pytorch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/// The bytes behind one or more tensors. Two tensors share memory if they have the same storage
/// object.
interface Storage {
  long byteSize();

  /// Whether multi-byte values in it are big-endian.
  boolean bigEndian();

  /// All its bytes, checksum verified: a view of the file, or a copy in memory from `scratch` if
  /// they are compressed.
  MemorySegment content(SegmentAllocator scratch);

  /// Bytes that are already at hand.
  record Inline(MemorySegment content, boolean bigEndian) implements Storage {
    @Override
    public long byteSize() {
      return content.byteSize();
    }

    @Override
    public MemorySegment content(SegmentAllocator scratch) {
      return content;
    }
  }
}
