package org.tantra.plugin.numpy;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import org.tantra.api.FileHead;
import org.tantra.api.FormatInfo;
import org.tantra.api.OpenOptions;
import org.tantra.api.Probe;
import org.tantra.api.WeightFile;
import org.tantra.api.WeightFormat;
import org.tantra.api.WeightSource;

/// The weight format `.npz`: a zip archive of arrays by name, read and written.
public final class NpzFormat implements WeightFormat {
  private static final FormatInfo INFO =
      new FormatInfo("npz", "NumPy archive", List.of("npz"), NpyDescr.CODES.keySet());

  /// Where the name of the first member stands, and where its length.
  private static final int NAME = 30;

  private static final int NAME_LENGTH = 26;

  @Override
  public FormatInfo info() {
    return INFO;
  }

  /// Looks at the name of the first member: other formats are zip archives too.
  @Override
  public Probe probe(FileHead head) {
    if (head.has(0, "PK\5\6")) {
      return new Probe.Accepted("");
    }
    if (!head.has(0, "PK\3\4") || head.length() <= NAME) {
      return new Probe.Declined("no zip archive");
    }
    int length = head.at(NAME_LENGTH) | head.at(NAME_LENGTH + 1) << 8;
    int suffix = NAME + length - NpzFile.SUFFIX.length();
    return suffix >= NAME && head.has(suffix, NpzFile.SUFFIX)
        ? new Probe.Accepted("")
        : new Probe.Declined("the first member of the zip archive is no .npy array");
  }

  @Override
  public WeightFile open(Path file, OpenOptions options) throws IOException {
    return NpzFile.open(file);
  }

  @Override
  public void write(WritableByteChannel channel, WeightSource source) throws IOException {
    NumpyWriter.writeNpz(channel, source);
  }
}
