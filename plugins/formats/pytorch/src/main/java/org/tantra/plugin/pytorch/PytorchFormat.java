package org.tantra.plugin.pytorch;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tantra.api.FileHead;
import org.tantra.api.FormatInfo;
import org.tantra.api.MappedFile;
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
    MappedFile mapped = MappedFile.open(file);
    try {
      return parsed(mapped).owning(mapped);
    } catch (RuntimeException | Error e) {
      mapped.close();
      throw e;
    }
  }

  private static TorchFile parsed(MappedFile file) {
    MemorySegment bytes = file.bytes();
    return switch (Container.of(bytes)) {
      case ZIP -> TorchZip.open(bytes, file.name(), file.allocator());
      case LEGACY -> TorchLegacy.open(bytes, file.name());
      case PICKLE, TAR, PREVIEW, UNKNOWN -> throw Container.refused(bytes, file.name());
    };
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
    try (MappedFile mapped = MappedFile.open(file)) {
      return Optional.of(PickleScan.of(mapped, reason));
    }
  }
}
