package org.tantra.plugin.pytorch;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tantra.api.FileHead;
import org.tantra.api.FormatInfo;
import org.tantra.api.OpenOptions;
import org.tantra.api.Probe;
import org.tantra.api.SafetyReport;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.WeightFormat;
import org.tantra.api.WeightSource;

/// Weight format of `torch.save`: zip archives and the legacy stream, read; zip archives, written.
///
/// Reading parses the pickle inside and never executes it. Nested checkpoints are flattened: the
/// path of keys to a tensor, joined with dots, is its name. TorchScript archives, exported
/// programs, packages and whole pickled models are recognised and refused with the way out.
public final class PytorchFormat implements WeightFormat {
  private static final FormatInfo INFO =
      new FormatInfo(
          "pytorch",
          "PyTorch archives (.pt, .pth, .bin)",
          List.of("pt", "pth", "bin"),
          TorchWriter.WRITES);

  @Override
  public FormatInfo info() {
    return INFO;
  }

  @Override
  public Probe probe(FileHead head) {
    return switch (Container.of(head)) {
      case ZIP -> TorchZip.probe(head);
      case LEGACY -> new Probe.Accepted(TorchLegacy.VERSION);
      case PICKLE -> new Probe.Declined("a pickle without PyTorch's magic number");
      case TAR -> new Probe.Declined("a tar archive, perhaps of PyTorch 0.1");
      case PREVIEW -> new Probe.Declined("a preview format of PyTorch that was never released");
      case UNKNOWN -> new Probe.Declined("neither a zip archive nor PyTorch's magic number");
    };
  }

  @Override
  public WeightFile open(Path file, OpenOptions options) throws IOException {
    Arena arena = Arena.ofShared();
    try {
      String name = file.getFileName().toString();
      MemorySegment memory = map(file, arena);
      return switch (Container.of(memory)) {
        case ZIP -> TorchZip.open(memory, name, arena);
        case LEGACY -> TorchLegacy.open(memory, name, arena);
        case PICKLE, TAR, PREVIEW, UNKNOWN -> throw Container.refused(memory, name);
      };
    } catch (IOException | RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  @Override
  public void write(WritableByteChannel channel, WeightSource source) throws IOException {
    TorchWriter.write(channel, source);
  }

  @Override
  public Optional<SafetyReport> scan(Path file) throws IOException {
    String reason = "";
    try (WeightFile opened = open(file, OpenOptions.NONE)) {
      opened.metadata();
    } catch (TantraException e) {
      reason = String.valueOf(e.getMessage());
    }
    try (Arena arena = Arena.ofConfined()) {
      String name = file.getFileName().toString();
      return Optional.of(PickleScan.of(map(file, arena), name, arena, reason));
    }
  }

  private static MemorySegment map(Path file, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    }
  }
}
