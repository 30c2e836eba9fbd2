package org.tantra.plugin.pytorch;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;
import org.tantra.api.FileSlice;
import org.tantra.api.MappedFile;

/// The bytes behind one or more tensors. Two tensors share memory if they have the same storage
/// object.
interface Storage {
  long byteSize();

  /// Whether multi-byte values in it are big-endian.
  boolean bigEndian();

  /// All its bytes, checksum verified: a view of the file, or a copy in memory from `scratch` if
  /// they are compressed.
  MemorySegment content(SegmentAllocator scratch);

  /// Where all its bytes lie in the file, checksum verified; empty if they do not lie there as they
  /// are.
  ///
  /// @param file the one that the storage was found in
  /// @throws IOException if it cannot be read
  Optional<FileSlice> slice(MappedFile file) throws IOException;

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

    @Override
    public Optional<FileSlice> slice(MappedFile file) {
      return Optional.empty();
    }
  }
}
