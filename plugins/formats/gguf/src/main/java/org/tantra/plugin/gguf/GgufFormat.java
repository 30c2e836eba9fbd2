package org.tantra.plugin.gguf;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.tantra.api.FileHead;
import org.tantra.api.FormatInfo;
import org.tantra.api.MappedFile;
import org.tantra.api.OpenOptions;
import org.tantra.api.Probe;
import org.tantra.api.WeightFile;
import org.tantra.api.WeightFormat;
import org.tantra.api.WeightSource;

/// Weight format of llama.cpp: versions 2 and 3 read, version 3 written. Quantised tensors are
/// handed out and taken as the blocks they are.
public final class GgufFormat implements WeightFormat {
  private static final FormatInfo INFO =
      new FormatInfo(
          "gguf",
          "GGUF of llama.cpp (.gguf)",
          List.of("gguf"),
          Set.copyOf(GgufType.TYPES.values()),
          true);

  @Override
  public FormatInfo info() {
    return INFO;
  }

  @Override
  public Probe probe(FileHead head) {
    if (!head.has(0, "GGUF")) {
      return new Probe.Declined("no signature 'GGUF'");
    }
    return new Probe.Accepted(head.length() < 8 ? "" : Long.toString(head.u64(0) >>> 32));
  }

  @Override
  public WeightFile open(Path file, OpenOptions options) throws IOException {
    MappedFile mapped = MappedFile.open(file);
    try {
      return new GgufFile(mapped, GgufHeader.read(mapped.bytes(), new Refusal(mapped.name())));
    } catch (RuntimeException | Error e) {
      mapped.close();
      throw e;
    }
  }

  @Override
  public void write(WritableByteChannel channel, WeightSource source) throws IOException {
    GgufWriter.write(channel, source);
  }
}
