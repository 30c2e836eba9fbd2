package org.tantra.plugin.raw;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.FileHead;
import org.tantra.api.FormatInfo;
import org.tantra.api.MappedFile;
import org.tantra.api.OpenOptions;
import org.tantra.api.Probe;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.WeightFormat;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorInfo;

/// Weight format of files that are nothing but the numbers of one tensor, in row-major order.
///
/// Such a file cannot be recognised: it is read only if no other format does and the caller says
/// type and shape, and only if its size fits them exactly. Nothing is guessed.
public final class RawFormat implements WeightFormat {
  private static final FormatInfo INFO =
      new FormatInfo(
          "raw", "Numbers without a header (.bin, .raw)", List.of("bin", "raw"), Set.of());

  private static final String NEEDS = "Give its dtype and shape, such as --dtype F32 --shape 2,3.";

  @Override
  public FormatInfo info() {
    return INFO;
  }

  @Override
  public Probe probe(FileHead head) {
    return new Probe.Declined("raw numbers need a dtype and a shape");
  }

  @Override
  public Probe probe(FileHead head, OpenOptions options) {
    return options.raw() == null ? probe(head) : new Probe.Accepted("");
  }

  @Override
  public WeightFile open(Path path, OpenOptions options) throws IOException {
    MappedFile file = MappedFile.open(path);
    try {
      TensorInfo info = describedBy(options, file.name(), file.bytes().byteSize());
      return new RawFile(info, file, options.bigEndian());
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  /// What the caller says the file holds, if that fits the file.
  private static TensorInfo describedBy(OpenOptions options, String file, long size) {
    TensorInfo info = options.raw();
    if (size == 0 && (info == null || info.byteSize() > 0)) {
      throw refuse(ErrorKind.CORRUPT, "empty-file", file, "is empty (0 bytes). Fetch it again.");
    }
    if (info == null) {
      throw refuse(
          ErrorKind.UNSUPPORTED,
          "raw-needs-schema",
          file,
          "has no header that says what its " + size + " bytes are. " + NEEDS);
    }
    if (info.byteSize() != size) {
      throw refuse(
          ErrorKind.CORRUPT,
          "size-mismatch",
          file,
          String.format(
              "has %d bytes, %s %s takes %d. Check dtype and shape.",
              size, info.dtype(), info.shape(), info.byteSize()));
    }
    if (options.bigEndian() && info.dtype().blockElements() > 1) {
      throw refuse(
          ErrorKind.UNSUPPORTED,
          "unsupported-dtype",
          file,
          "cannot be big-endian and " + info.dtype() + ": blocks have no byte order to swap.");
    }
    return info;
  }

  private static TantraException refuse(ErrorKind kind, String code, String file, String what) {
    return new TantraException(kind, "Weight file '" + file + "' " + what).withCode(code);
  }

  @Override
  public void write(WritableByteChannel channel, WeightSource source) {
    throw new TantraException(
        ErrorKind.UNSUPPORTED,
        "Raw numbers are not written: nothing would say what they are. Write safetensors instead.");
  }
}
