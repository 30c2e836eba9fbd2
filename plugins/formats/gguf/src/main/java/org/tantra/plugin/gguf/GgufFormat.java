package org.tantra.plugin.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
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
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file)) {
      MemorySegment memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      Refusal refusal = new Refusal(file.getFileName().toString());
      return new GgufFile(memory, GgufHeader.read(memory, refusal), arena);
    } catch (IOException | RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  @Override
  public void write(WritableByteChannel channel, WeightSource source) throws IOException {
    GgufWriter.write(channel, source);
  }
}
