package org.tantra.plugin.safetensors;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.tantra.api.FileHead;
import org.tantra.api.FormatInfo;
import org.tantra.api.OpenOptions;
import org.tantra.api.Probe;
import org.tantra.api.WeightFile;
import org.tantra.api.WeightFormat;
import org.tantra.api.WeightSource;

/// The safetensors weight format, read and written.
///
/// @see <a href="https://github.com/huggingface/safetensors#format">The format</a>
public final class SafetensorsFormat implements WeightFormat {
  private static final FormatInfo INFO =
      new FormatInfo(
          "safetensors",
          "safetensors",
          List.of("safetensors"),
          Set.copyOf(SafetensorsHeader.DTYPES),
          true);

  @Override
  public FormatInfo info() {
    return INFO;
  }

  @Override
  public Probe probe(FileHead head) {
    if (head.length() < 10) {
      return new Probe.Declined("too short for a header");
    }
    long length = head.u64(0);
    if (length < 2
        || length > SafetensorsHeader.MAXIMUM_BYTES
        || length > head.fileSize() - SafetensorsHeader.LENGTH_BYTES) {
      return new Probe.Declined("implausible header length");
    }
    int at = SafetensorsHeader.LENGTH_BYTES;
    while (JsonScanner.isSpace(head.at(at))) {
      at++;
    }
    return head.at(at) == '{'
        ? new Probe.Accepted("")
        : new Probe.Declined("the header is no JSON object");
  }

  @Override
  public WeightFile open(Path file, OpenOptions options) throws IOException {
    return SafetensorsReader.open(file);
  }

  @Override
  public void write(WritableByteChannel channel, WeightSource source) throws IOException {
    new SafetensorsWriter(source).writeTo(channel);
  }
}
