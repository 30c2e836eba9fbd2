package org.tantra.host.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.tantra.api.OpenOptions;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.host.Host;
import org.tantra.host.weights.WeightDiff;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `tantra weights diff`: how two weight files differ.
@Command(
    name = "diff",
    description = {
      "Compare two weight files, whatever their formats: missing and extra tensors, shapes, types "
          + "and the largest absolute difference of each.",
      "Exit code 0 if both hold the same tensors bit for bit, 1 if not."
    },
    mixinStandardHelpOptions = true)
final class WeightsDiffCommand implements Callable<Integer> {
  private final TantraCli tantra;

  @Parameters(index = "0", paramLabel = "A", description = "A weight file or shard index.")
  private Path first = Path.of("");

  @Parameters(index = "1", paramLabel = "B", description = "Another one.")
  private Path second = Path.of("");

  @Mixin private final HostFlags host = new HostFlags();

  WeightsDiffCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    WeightDiff diff;
    try (Host opened = tantra.open(host);
        ProgressLine progress = new ProgressLine(tantra.console())) {
      diff = opened.weights().diff(first, second, OpenOptions.NONE, progress);
    }
    if (tantra.json()) {
      Json.print(tantra.console().out(), document(diff));
    } else {
      print(diff, tantra.console().out());
    }
    return diff.same() ? ExitCode.OK : ExitCode.NOT_OK;
  }

  private static void print(WeightDiff diff, PrintStream out) {
    diff.missing().forEach(name -> out.println("only in A: " + WeightsInspectCommand.plain(name)));
    diff.extra().forEach(name -> out.println("only in B: " + WeightsInspectCommand.plain(name)));
    if (!diff.changed().isEmpty()) {
      Table table = new Table("NAME", "A", "B", "MAX ABS");
      for (WeightDiff.Change change : diff.changed()) {
        table.row(
            WeightsInspectCommand.plain(change.first().name()),
            change.first().dtype() + " " + change.first().shape(),
            change.second().dtype() + " " + change.second().shape(),
            Double.isNaN(change.largest())
                ? "-"
                : String.format(Locale.ROOT, "%.3e", change.largest()));
      }
      table.print(out);
    }
    out.println(diff.equal() + " tensors are equal");
  }

  private static Map<String, Object> document(WeightDiff diff) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("same", diff.same());
    document.put("equal", diff.equal());
    document.put("missing", diff.missing());
    document.put("extra", diff.extra());
    document.put("changed", diff.changed().stream().map(change -> document(change)).toList());
    return document;
  }

  private static Map<String, Object> document(WeightDiff.Change change) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("name", change.first().name());
    document.put("a", document(change.first()));
    document.put("b", document(change.second()));
    // JSON has no NaN and no infinity; a text says which it was.
    double largest = change.largest();
    document.put("max_abs", Double.isFinite(largest) ? largest : String.valueOf(largest));
    return document;
  }

  private static Map<String, Object> document(TensorInfo info) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("dtype", info.dtype().name());
    document.put("shape", info.shape().toArray());
    return document;
  }
}
