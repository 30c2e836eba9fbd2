package org.tantra.host.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `tantra doctor`: what is in order here, and what to do about the rest.
@Command(
    name = "doctor",
    description = {
      "Check the machine, the home folder, configuration, plugins, models and the port.",
      "Exit code 0 unless a check fails; warnings do not count."
    },
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  private final TantraCli tantra;
  @Mixin private final HostFlags host = new HostFlags();

  DoctorCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    List<Checkup.Finding> findings = new Checkup(tantra, host).findings();
    boolean healthy = findings.stream().noneMatch(f -> f.level() == Checkup.Level.FAIL);
    if (tantra.json()) {
      Json.print(
          tantra.console().out(),
          Map.of("ok", healthy, "checks", findings.stream().map(DoctorCommand::document).toList()));
    } else {
      for (Checkup.Finding finding : findings) {
        tantra
            .console()
            .out()
            .printf(
                "%-4s  %-14s  %s%n",
                finding.level().name().toLowerCase(Locale.ROOT), finding.subject(), finding.what());
        if (!finding.advice().isEmpty()) {
          tantra.console().out().println(" ".repeat(22) + finding.advice());
        }
      }
    }
    return healthy ? ExitCode.OK : ExitCode.NOT_OK;
  }

  private static Map<String, Object> document(Checkup.Finding finding) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("level", finding.level().name().toLowerCase(Locale.ROOT));
    document.put("subject", finding.subject());
    document.put("what", finding.what());
    document.put("advice", finding.advice());
    return document;
  }
}
