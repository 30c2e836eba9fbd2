package org.tantra.plugin.numpy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.plugin.numpy.zip.ZipNames;
import org.tantra.plugin.numpy.zip.ZipWriter;

/// Writes state dicts as NumPy's files. Arrays are spelled as NumPy spells them, byte for byte;
/// archives are stored, not deflated, and aligned, so that every array can be viewed in place.
final class NumpyWriter {
  /// Enough for the speed of a disk; also the most that is copied at once.
  private static final int STEP_BYTES = 4 << 20;

  private NumpyWriter() {}

  /// Writes the one tensor of a state dict, which must be called [NpyFile#NAME].
  static void writeNpy(WritableByteChannel channel, WeightSource source) throws IOException {
    List<TensorInfo> tensors = source.tensors();
    for (TensorInfo info : tensors) {
      requireWritable(info);
      if (tensors.size() > 1 || !info.name().equals(NpyFile.NAME)) {
        throw unsupported(
            info, "An .npy file holds one tensor, called '" + NpyFile.NAME + "'. Write .npz.");
      }
    }
    if (tensors.isEmpty()) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED, "An .npy file cannot be without a tensor. Write .npz.");
    }
    writeArray(
        source,
        tensors.getFirst(),
        (array, data) -> {
          writeFully(channel, ByteBuffer.wrap(array));
          forEachStep(data, step -> writeFully(channel, step));
        });
  }

  /// Writes each tensor of a state dict as a member of an archive, in the order of the source.
  static void writeNpz(WritableByteChannel channel, WeightSource source) throws IOException {
    List<TensorInfo> tensors = source.tensors();
    Set<String> names = HashSet.newHashSet(tensors.size());
    for (TensorInfo info : tensors) {
      requireWritable(info);
      if (!ZipNames.isSafe(info.name() + NpzFile.SUFFIX)) {
        throw unsupported(info, "Its name cannot be a path in an archive. Rename it.");
      }
      if (!names.add(info.name())) {
        throw unsupported(info, "It shares its name with another weight. Rename one of them.");
      }
    }
    ZipWriter zip = new ZipWriter(channel);
    for (TensorInfo info : tensors) {
      writeArray(
          source,
          info,
          (header, data) -> {
            CRC32 crc = new CRC32();
            crc.update(header);
            forEachStep(data, crc::update);
            zip.begin(
                info.name() + NpzFile.SUFFIX,
                (int) crc.getValue(),
                header.length + data.byteSize(),
                NpyHeader.ALIGNMENT);
            zip.write(ByteBuffer.wrap(header));
            forEachStep(data, zip::write);
          });
    }
    zip.finish();
  }

  /// Takes an array: the bytes of its header and its numbers.
  private interface ArrayConsumer {
    void accept(byte[] header, MemorySegment data) throws IOException;
  }

  private interface StepConsumer {
    void accept(ByteBuffer step) throws IOException;
  }

  private static void writeArray(WeightSource source, TensorInfo info, ArrayConsumer to)
      throws IOException {
    try (Arena scratch = Arena.ofConfined()) {
      TensorView view = source.tensor(info.name(), scratch);
      if (view.dtype() != info.dtype() || !view.shape().equals(info.shape())) {
        throw new TantraException(
            ErrorKind.INTERNAL,
            "Weight '%s' was announced as %s %s and came as %s %s."
                .formatted(info.name(), info.dtype(), info.shape(), view.dtype(), view.shape()));
      }
      to.accept(NpyHeader.spelled(view.dtype(), view.shape()), view.memory());
    }
  }

  private static void forEachStep(MemorySegment memory, StepConsumer to) throws IOException {
    for (long at = 0; at < memory.byteSize(); at += STEP_BYTES) {
      MemorySegment step = memory.asSlice(at, Math.min(STEP_BYTES, memory.byteSize() - at));
      // Only native memory is sure to have a buffer: that of a float[], say, has none.
      to.accept(
          step.isNative()
              ? step.asByteBuffer()
              : ByteBuffer.wrap(step.toArray(ValueLayout.JAVA_BYTE)));
    }
  }

  private static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static void requireWritable(TensorInfo info) {
    if (!NpyDescr.CODES.containsKey(info.dtype())) {
      throw unsupported(info, "NumPy has no type " + info.dtype() + ". Convert it to F32 first.");
    }
    try {
      NpyHeader.spelled(info.dtype(), info.shape());
    } catch (ArithmeticException _) {
      throw unsupported(info, "It has too many axes for a header. Reshape it.");
    }
  }

  private static TantraException unsupported(TensorInfo info, String problem) {
    return new TantraException(
        ErrorKind.UNSUPPORTED,
        "Weight " + ZipNames.quoted(info.name()) + " cannot be written: " + problem);
  }
}
