package org.tantra.host.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.tantra.api.SafetyReport;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.weights.WeightScan;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `tantra weights scan`: whether a file can be trusted.
@Command(
    name = "scan",
    description = {
      "Look for code and damage in a weight file without running any of it: lists the globals and "
          + "opcodes met, and gives a verdict.",
      "Exit code 0 if the file is clean, 1 if it is refused, 2 if it could not be looked at."
    },
    mixinStandardHelpOptions = true)
final class WeightsScanCommand implements Callable<Integer> {
  private static final int COULD_NOT_LOOK = 2;

  private final TantraCli tantra;

  @Parameters(paramLabel = "FILE", description = "A weight file or shard index.")
  private Path file = Path.of("");

  @Mixin private final HostFlags host = new HostFlags();

  WeightsScanCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    WeightScan scan;
    try (Host opened = tantra.open(host)) {
      scan = opened.weights().scan(file);
    } catch (TantraException e) {
      tantra.console().err().println("tantra: " + e.getMessage());
      if (tantra.json()) {
        Json.print(tantra.console().out(), Map.of("error", Failures.document(e)));
      }
      return COULD_NOT_LOOK;
    }
    if (tantra.json()) {
      Json.print(tantra.console().out(), document(scan));
    } else {
      print(scan, tantra.console().out());
    }
    return scan.clean() ? ExitCode.OK : ExitCode.NOT_OK;
  }

  private void print(WeightScan scan, PrintStream out) {
    Table table = new Table("MET", "NAME", "COUNT", "");
    for (SafetyReport.Finding finding : scan.report().findings()) {
      table.row(
          finding.kind(),
          WeightsInspectCommand.plain(finding.name()),
          Long.toString(finding.count()),
          finding.allowed() ? "" : "NOT ALLOWED");
    }
    if (!scan.report().findings().isEmpty()) {
      table.print(out);
    }
    out.println(
        scan.clean() ? file + ": clean. " + why(scan) : "refused: " + scan.report().reason());
  }

  private static String why(WeightScan scan) {
    return scan.carriesCode()
        ? "It asks for nothing that weights do not need, and nothing in it was run."
        : "Files of the format " + scan.format() + " cannot carry code.";
  }

  private Map<String, Object> document(WeightScan scan) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("file", file.toString());
    document.put("format", scan.format());
    document.put("verdict", scan.report().verdict().name().toLowerCase(Locale.ROOT));
    document.put("reason", scan.report().reason());
    document.put("can_carry_code", scan.carriesCode());
    document.put("globals", named(scan, "global"));
    document.put("opcodes", named(scan, "opcode"));
    return document;
  }

  private static List<Map<String, Object>> named(WeightScan scan, String kind) {
    return scan.report().findings().stream()
        .filter(finding -> finding.kind().equals(kind))
        .map(
            finding ->
                Map.<String, Object>of(
                    "name", finding.name(), "count", finding.count(), "allowed", finding.allowed()))
        .toList();
  }
}
