package org.example.npy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import org.tantra.api.ErrorKind;
import org.tantra.api.FileHead;
import org.tantra.api.FormatInfo;
import org.tantra.api.OpenOptions;
import org.tantra.api.Probe;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.WeightFormat;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorInfo;

/// NumPy's `.npy`, read and written: one row-major, little-endian array in each file.
///
/// @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">The
///   format</a>
public final class NpyExampleFormat implements WeightFormat {
  /// The array has no name in the file; as a tensor it gets this one.
  static final String NAME = "array";

  private static final FormatInfo INFO =
      new FormatInfo(
          "npy-example", "NumPy array (example)", List.of("npy"), NpyHeader.CODES.keySet());

  @Override
  public FormatInfo info() {
    return INFO;
  }

  @Override
  public Probe probe(FileHead head) {
    if (!head.has(0, NpyHeader.MAGIC) || head.length() < NpyHeader.START_BYTES) {
      return new Probe.Declined("wrong magic");
    }
    return new Probe.Accepted(head.at(6) + "." + head.at(7));
  }

  @Override
  public WeightFile open(Path file, OpenOptions options) throws IOException {
    return NpyExampleFile.open(file);
  }

  @Override
  public void write(WritableByteChannel channel, WeightSource source) throws IOException {
    TensorInfo array = onlyTensor(source);
    writeFully(channel, ByteBuffer.wrap(NpyHeader.spelled(array)));
    NpyExampleFile.forEachStep(source, array, step -> writeFully(channel, step));
  }

  /// The tensor to write; refuses whatever would not come back, before the first byte.
  private static TensorInfo onlyTensor(WeightSource source) {
    for (TensorInfo tensor : source.tensors()) {
      if (source.tensors().size() > 1 || !tensor.name().equals(NAME)) {
        throw unsupported(tensor, "A .npy file holds one tensor, called '" + NAME + "'.");
      }
      if (!NpyHeader.CODES.containsKey(tensor.dtype())) {
        throw unsupported(tensor, "NumPy has no type " + tensor.dtype() + ".");
      }
    }
    if (source.tensors().isEmpty()) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED, "A .npy file cannot be without a tensor. Choose another format.");
    }
    return source.tensors().getFirst();
  }

  private static TantraException unsupported(TensorInfo tensor, String problem) {
    return new TantraException(
        ErrorKind.UNSUPPORTED,
        "Weight '" + tensor.name() + "' cannot be written: " + problem + " Choose another format.");
  }

  private static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
