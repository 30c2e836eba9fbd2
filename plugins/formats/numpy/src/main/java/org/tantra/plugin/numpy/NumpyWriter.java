package org.tantra.plugin.numpy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.plugin.numpy.zip.SummingChannel;
import org.tantra.plugin.numpy.zip.ZipNames;
import org.tantra.plugin.numpy.zip.ZipWriter;

/// Writes state dicts as NumPy's files. Arrays are spelled as NumPy spells them, byte for byte;
/// archives are stored, not deflated, and aligned, so that every array can be viewed in place.
final class NumpyWriter {
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
    TensorInfo info = tensors.getFirst();
    writeFully(channel, ByteBuffer.wrap(NpyHeader.spelled(info.dtype(), info.shape())));
    requireAll(info, source.copyTo(info.name(), channel));
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
      byte[] header = NpyHeader.spelled(info.dtype(), info.shape());
      SummingChannel sum = new SummingChannel(); // the checksum comes before the bytes
      writeFully(sum, ByteBuffer.wrap(header));
      requireAll(info, source.copyTo(info.name(), sum));
      zip.begin(info.name() + NpzFile.SUFFIX, sum.crc32(), sum.bytes(), NpyHeader.ALIGNMENT);
      zip.write(ByteBuffer.wrap(header));
      zip.skip(source.copyTo(info.name(), channel));
    }
    zip.finish();
  }

  private static void requireAll(TensorInfo info, long bytes) {
    if (bytes != info.byteSize()) {
      throw new TantraException(
          ErrorKind.INTERNAL,
          "Weight '%s' was announced with %d bytes and came with %d."
              .formatted(info.name(), info.byteSize(), bytes));
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
