package org.tantra.host.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.weights.WeightPacking;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tantra weights pack` and `tantra weights unpack`. They need no plugin, so no host is opened.
abstract sealed class WeightsPackCommand implements Callable<Integer> {
  private static final String ENDING = ".zst";

  private final TantraCli tantra;

  @Parameters(index = "0", paramLabel = "FILE", description = "The file to read.")
  private Path from = Path.of("");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "OUT",
      description = "The file to write. Default: FILE with '.zst' added or taken away.")
  private @Nullable Path to;

  @Option(names = "--force", description = "Replace OUT if it is there.")
  private boolean force;

  private WeightsPackCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  /// `tantra weights pack`.
  @Command(
      name = "pack",
      description = {
        "Compress a file for shipping, with Zstandard; size and SHA-256 go with it.",
        "Any Zstandard tool unpacks it; 'weights unpack' also checks that nothing has changed."
      },
      mixinStandardHelpOptions = true)
  static final class Pack extends WeightsPackCommand {
    Pack(TantraCli tantra) {
      super(tantra);
    }

    @Override
    Path usual(Path from) {
      return from.resolveSibling(from.getFileName() + ENDING);
    }

    @Override
    WeightPacking.Packed run(
        WeightPacking packing, Path from, Path to, ProgressLine progress, Interruption stop) {
      return packing.pack(from, to, progress, stop);
    }
  }

  /// `tantra weights unpack`.
  @Command(
      name = "unpack",
      description = "Unpack what 'weights pack' made, checking size and SHA-256.",
      mixinStandardHelpOptions = true)
  static final class Unpack extends WeightsPackCommand {
    Unpack(TantraCli tantra) {
      super(tantra);
    }

    @Override
    Path usual(Path from) {
      String name = String.valueOf(from.getFileName());
      if (!name.endsWith(ENDING)) {
        throw new TantraException(
            ErrorKind.INVALID, "'" + name + "' does not end in '.zst'. Say what to write.");
      }
      return from.resolveSibling(name.substring(0, name.length() - ENDING.length()));
    }

    @Override
    WeightPacking.Packed run(
        WeightPacking packing, Path from, Path to, ProgressLine progress, Interruption stop) {
      return packing.unpack(from, to, progress, stop);
    }
  }

  abstract Path usual(Path from);

  abstract WeightPacking.Packed run(
      WeightPacking packing, Path from, Path to, ProgressLine progress, Interruption stop);

  @Override
  public Integer call() {
    Path target = to == null ? usual(from) : to;
    if (Files.exists(target) && !force) {
      throw new TantraException(
          ErrorKind.INVALID, "'" + target + "' is there already. Replace it with --force.");
    }
    WeightPacking.Packed packed;
    try (Interruption stop = Interruption.watch();
        ProgressLine progress = new ProgressLine(tantra.console())) {
      packed = run(new WeightPacking(), from, target, progress, stop);
    }
    if (tantra.json()) {
      Json.print(
          tantra.console().out(),
          Map.of(
              "file", packed.file().toString(),
              "bytes", packed.bytes(),
              "packed_bytes", packed.packedBytes(),
              "sha256", packed.sha256()));
    } else {
      tantra
          .console()
          .out()
          .printf(
              "%s: %s plain, %s packed, SHA-256 %s%n",
              packed.file(),
              Sizes.shown(packed.bytes()),
              Sizes.shown(packed.packedBytes()),
              packed.sha256());
    }
    return ExitCode.OK;
  }
}
