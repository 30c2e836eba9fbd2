package org.tantra.host.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.host.Host;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `tantra parity`: compares plugins with the reference implementations.
@Command(
    name = "parity",
    description = {
      "Run golden cases and print how far each output is from the reference implementation.",
      "A case is a folder with expected.json; its 'family' says which plugin checks it. "
          + "Exit code 0 only when every output is inside its tolerance."
    },
    mixinStandardHelpOptions = true)
final class ParityCommand implements Callable<Integer> {
  private final TantraCli tantra;

  @Parameters(arity = "1..*", paramLabel = "DIR", description = "Folders of golden cases.")
  private List<Path> folders = List.of();

  @Mixin private final HostFlags host = new HostFlags();

  ParityCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    Table table = new Table("CASE", "OUTPUT", "MAX ABS", "MAX REL", "TOLERANCE", "");
    List<Map<String, Object>> cases = new ArrayList<>();
    boolean allWithin = true;
    try (Host opened = tantra.open(host)) {
      for (Path folder : folders) {
        Path absolute = folder.toAbsolutePath().normalize();
        List<Finding> findings = opened.parity(absolute);
        boolean within = !findings.isEmpty() && findings.stream().allMatch(Finding::within);
        allWithin &= within;
        for (Finding finding : findings) {
          table.row(
              String.valueOf(absolute.getFileName()),
              finding.output(),
              figure(finding.maximumAbsolute()),
              figure(finding.maximumRelative()),
              finding.tolerance(),
              finding.within() ? "ok" : "OUTSIDE");
        }
        cases.add(document(absolute, within, findings));
      }
    }
    if (tantra.json()) {
      Json.print(tantra.console().out(), Map.of("ok", allWithin, "cases", cases));
    } else {
      table.print(tantra.console().out());
    }
    return allWithin ? ExitCode.OK : ExitCode.NOT_OK;
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, "%.2e", value);
  }

  private static Map<String, Object> document(Path folder, boolean within, List<Finding> findings) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("case", String.valueOf(folder.getFileName()));
    document.put("folder", folder.toString());
    document.put("ok", within);
    List<Map<String, Object>> outputs = new ArrayList<>();
    for (Finding finding : findings) {
      Map<String, Object> output = new LinkedHashMap<>();
      output.put("output", finding.output());
      output.put("max_abs", finite(finding.maximumAbsolute()));
      output.put("max_rel", finite(finding.maximumRelative()));
      output.put("tolerance", finding.tolerance());
      output.put("ok", finding.within());
      outputs.add(output);
    }
    document.put("outputs", outputs);
    return document;
  }

  /// JSON has no NaN and no infinity; a text says which it was.
  private static Object finite(double value) {
    return Double.isFinite(value) ? value : String.valueOf(value);
  }
}
