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

/// The weight format `.npy`: one array, read and written. The array has no name in the file; as a
/// tensor it is called `array`, and only a state dict of one tensor of that name can be written.
public final class NpyFormat implements WeightFormat {
  private static final FormatInfo INFO =
      new FormatInfo("npy", "NumPy array", List.of("npy"), NpyDescr.CODES.keySet());

  @Override
  public FormatInfo info() {
    return INFO;
  }

  @Override
  public Probe probe(FileHead head) {
    if (!head.has(0, NpyHeader.MAGIC) || head.length() < NpyHeader.MAGIC.length + 2) {
      return new Probe.Declined("wrong magic");
    }
    return new Probe.Accepted(head.at(6) + "." + head.at(7));
  }

  @Override
  public WeightFile open(Path file, OpenOptions options) throws IOException {
    return NpyFile.open(file);
  }

  @Override
  public void write(WritableByteChannel channel, WeightSource source) throws IOException {
    NumpyWriter.writeNpy(channel, source);
  }
}
