package org.tantra.plugin.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorInfo;

/// Writes a state dict as the reference library does, byte for byte: tensors of the highest dtype
/// rank first, then by name, packed without gaps.
final class SafetensorsWriter {
  private static final Comparator<TensorInfo> FILE_ORDER =
      Comparator.comparingInt(SafetensorsWriter::rank)
          .reversed()
          .thenComparing(TensorInfo::name, HeaderText.UTF8_ORDER);

  private final WeightSource source;
  private final List<TensorInfo> tensors;
  private final byte[] header;

  /// Plans the whole file.
  ///
  /// @throws TantraException `UNSUPPORTED` if the format cannot hold what the source has
  SafetensorsWriter(WeightSource source) {
    this.source = source;
    source.tensors().forEach(SafetensorsWriter::requireWritable);
    this.tensors = source.tensors().stream().sorted(FILE_ORDER).toList();
    requireUnique(tensors);
    this.header = HeaderText.of(source.metadata(), tensors);
  }

  /// Writes it; can be called once for each file wanted.
  void writeTo(WritableByteChannel channel) throws IOException {
    writeFully(channel, ByteBuffer.wrap(header));
    for (TensorInfo info : tensors) {
      long bytes = source.copyTo(info.name(), channel);
      if (bytes != info.byteSize()) {
        throw new TantraException(
            ErrorKind.INTERNAL,
            "Weight '%s' was announced with %d bytes and came with %d."
                .formatted(info.name(), info.byteSize(), bytes));
      }
    }
  }

  private static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static int rank(TensorInfo info) {
    return SafetensorsHeader.DTYPES.indexOf(info.dtype());
  }

  private static void requireWritable(TensorInfo info) {
    if (rank(info) < 0) {
      throw unsupported(info, "has dtype " + info.dtype() + ". Convert it to F32 or F16 first.");
    }
    if (info.name().equals(SafetensorsHeader.METADATA)) {
      throw unsupported(info, "has the name that stands for metadata. Rename it.");
    }
  }

  private static void requireUnique(List<TensorInfo> tensors) {
    Set<String> names = HashSet.newHashSet(tensors.size());
    for (TensorInfo info : tensors) {
      if (!names.add(info.name())) {
        throw unsupported(info, "shares its name with another weight. Rename one of them.");
      }
    }
  }

  private static TantraException unsupported(TensorInfo info, String problem) {
    return new TantraException(
        ErrorKind.UNSUPPORTED,
        "safetensors cannot hold weight " + Refusal.quoted(info.name()) + ": it " + problem);
  }
}
