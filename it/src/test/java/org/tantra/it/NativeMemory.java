package org.tantra.it;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// What this process has taken from the C library and not given back: memory that no garbage
/// collector counts. Known where the C library is glibc of 2021 or later.
///
/// @see <a href="https://man7.org/linux/man-pages/man3/mallinfo.3.html">mallinfo2</a>
final class NativeMemory {
  /// Ten sizes; those of use are `hblkhd`, mapped for large blocks, and `uordblks`, in use
  /// elsewhere.
  private static final MemoryLayout MALLINFO =
      MemoryLayout.sequenceLayout(10, ValueLayout.JAVA_LONG);

  private static final MemoryLayout STRUCT = MemoryLayout.structLayout(MALLINFO.withName("sizes"));
  private static final int MAPPED = 4;
  private static final int IN_USE = 7;

  private static final Optional<MethodHandle> CALL = find();

  private NativeMemory() {}

  @SuppressWarnings("restricted") // the test asks the C library on purpose
  private static Optional<MethodHandle> find() {
    Linker linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find("mallinfo2")
        .map(symbol -> linker.downcallHandle(symbol, FunctionDescriptor.of(STRUCT)));
  }

  static boolean known() {
    return CALL.isPresent();
  }

  static long usedBytes() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sizes =
          (MemorySegment) CALL.orElseThrow().invokeExact((SegmentAllocator) arena);
      return sizes.getAtIndex(ValueLayout.JAVA_LONG, MAPPED)
          + sizes.getAtIndex(ValueLayout.JAVA_LONG, IN_USE);
    } catch (Throwable e) { // as invokeExact declares
      throw new IllegalStateException(e);
    }
  }
}
