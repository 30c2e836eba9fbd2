package org.tantra.host.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.tensor.DType;
import org.tantra.host.Host;
import org.tantra.host.weights.Conversion;
import org.tantra.host.weights.Rounding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tantra weights convert`: the same weights in another format or type.
@Command(
    name = "convert",
    description = {
      "Write weights in another format, and with --dtype in another floating point type.",
      "What the target cannot hold is told before anything is written. The new file is read back "
          + "and compared, then takes the place of OUT at once; until then OUT stays as it was."
    },
    mixinStandardHelpOptions = true)
final class WeightsConvertCommand implements Callable<Integer> {
  private final TantraCli tantra;

  @Parameters(index = "0", paramLabel = "IN", description = "A weight file or shard index.")
  private Path from = Path.of("");

  @Parameters(index = "1", paramLabel = "OUT", description = "The file to write.")
  private Path to = Path.of("");

  @Option(
      names = "--format",
      paramLabel = "ID",
      description = "Format to write. Default: the one that usually has the ending of OUT.")
  private @Nullable String format;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description =
          "Turn floating point and quantised weights into F64, F32, F16 or BF16, or matrices into "
              + "Q8_0 or Q4_0, rounding to the nearest; all others stay as they are.")
  private @Nullable DType dtype;

  @Mixin private final HostFlags host = new HostFlags();

  WeightsConvertCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    Conversion conversion = Conversion.of(from, to).toFormat(format).toDtype(dtype);
    Conversion.Result result;
    try (Host opened = tantra.open(host);
        ProgressLine progress = new ProgressLine(tantra.console())) {
      result =
          opened
              .weights()
              .convert(conversion, new Shown(tantra.console().err(), progress), Cancellation.NEVER);
    }
    if (!result.lostMetadata().isEmpty()) {
      String keys = WeightsInspectCommand.plain(String.join(", ", result.lostMetadata()));
      tantra.console().err().println("tantra: metadata not kept: " + keys);
    }
    if (tantra.json()) {
      Json.print(tantra.console().out(), document(result));
    } else {
      tantra
          .console()
          .out()
          .printf(
              "%s: %s to %s, %d tensors, %s, read back and equal%n",
              to,
              result.plan().from(),
              result.plan().to(),
              result.plan().tensors(),
              Sizes.shown(result.bytes()));
      print(result.rounding());
    }
    return ExitCode.OK;
  }

  private void print(Rounding rounding) {
    if (rounding.numbers() > 0) {
      tantra
          .console()
          .out()
          .println(
              rounding.changed() == 0
                  ? rounding.numbers() + " numbers converted, none changed"
                  : "%d numbers converted, %d rounded (by at most %s), %d became infinite"
                      .formatted(
                          rounding.numbers(),
                          rounding.changed() - rounding.overflowed(),
                          rounding.largest(),
                          rounding.overflowed()));
    }
  }

  private Map<String, Object> document(Conversion.Result result) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("file", to.toString());
    document.put("from", result.plan().from());
    document.put("format", result.plan().to());
    document.put("tensors", result.plan().tensors());
    document.put("bytes", result.bytes());
    document.put("losses", List.copyOf(result.plan().losses()));
    document.put("lost_metadata", result.lostMetadata());
    document.put(
        "rounding",
        Map.of(
            "numbers", result.rounding().numbers(),
            "changed", result.rounding().changed(),
            "overflowed", result.rounding().overflowed(),
            "largest", result.rounding().largest()));
    return document;
  }

  /// Tells losses beforehand, then progress.
  private static final class Shown implements Conversion.Listener {
    private final PrintStream err;
    private final ProgressLine progress;
    private String stage = "";

    Shown(PrintStream err, ProgressLine progress) {
      this.err = err;
      this.progress = progress;
    }

    @Override
    public void planned(Conversion.Plan plan) {
      plan.losses().forEach(loss -> err.println("tantra: " + WeightsInspectCommand.plain(loss)));
    }

    @Override
    public void advanced(String now, long done, long total) {
      if (!stage.equals(now)) {
        stage = now;
        progress.stage(now);
      }
      progress.advance(done, total);
    }
  }
}
