package org.tantra.host.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.tantra.api.tensor.DType;

/// Takes the numbers of a tensor in one floating point type and passes them on in another, a few at
/// a time. For one thread.
final class RetypingChannel implements WritableByteChannel {
  private static final int NUMBERS = 1 << 13;

  private final WritableByteChannel to;
  private final FloatConversion conversion;
  private final int fromBytes;
  private final int toBytes;
  private final ByteBuffer taken;
  private final ByteBuffer converted;
  private Rounding rounding = Rounding.NONE;

  RetypingChannel(DType from, DType into, WritableByteChannel to) {
    this.to = to;
    this.conversion = new FloatConversion(from, into);
    this.fromBytes = from.blockBytes();
    this.toBytes = into.blockBytes();
    this.taken = ByteBuffer.allocate(NUMBERS * fromBytes);
    this.converted = ByteBuffer.allocate(NUMBERS * toBytes);
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int count = bytes.remaining();
    while (bytes.hasRemaining()) {
      int length = Math.min(taken.remaining(), bytes.remaining());
      taken.put(taken.position(), bytes, bytes.position(), length);
      taken.position(taken.position() + length);
      bytes.position(bytes.position() + length);
      if (!taken.hasRemaining()) {
        passOn();
      }
    }
    return count;
  }

  /// Passes on what is left; call it once, after the last number.
  void finish() throws IOException {
    passOn();
  }

  private void passOn() throws IOException {
    int numbers = taken.position() / fromBytes;
    rounding =
        rounding.plus(
            conversion.convert(
                MemorySegment.ofArray(taken.array()),
                MemorySegment.ofArray(converted.array()),
                numbers));
    converted.clear().limit(numbers * toBytes);
    while (converted.hasRemaining()) {
      to.write(converted);
    }
    taken.clear();
  }

  /// What was done to the numbers so far.
  Rounding rounding() {
    return rounding;
  }

  @Override
  public boolean isOpen() {
    return to.isOpen();
  }

  /// Leaves the other channel open.
  @Override
  public void close() {}
}
