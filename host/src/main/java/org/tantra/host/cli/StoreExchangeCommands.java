package org.tantra.host.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;
import org.tantra.host.store.WeightEntry;
import org.tantra.host.store.WeightStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tantra import` and `tantra export`: files into the store and out of it.
final class StoreExchangeCommands {
  private StoreExchangeCommands() {}

  @Command(
      name = "import",
      description = {
        "Copy a weight file into the store, with the config.json beside it.",
        "It becomes active if its type is served from nothing else, or with --activate."
      })
  static final class Import extends StoreCommand {
    @Parameters(paramLabel = "FILE", description = "A weight file of whatever format.")
    private Path file = Path.of("");

    @Option(names = "--type", paramLabel = "TYPE", required = true, description = "Model type.")
    private String type = "";

    @Option(
        names = "--version",
        paramLabel = "V",
        description = "Version in the store. Default: ${DEFAULT-VALUE}.")
    private String version = "v1.0";

    @Option(names = "--name", paramLabel = "NAME", description = "Default: as the file is called.")
    private @Nullable String name;

    @Option(names = "--activate", description = "Make it the active weight of its type.")
    private boolean activate;

    @Option(names = "--force", description = "Replace a weight of that name.")
    private boolean force;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show this help message and exit.")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    Import(TantraCli tantra) {
      super(tantra);
    }

    @Override
    int run(WeightStore store, Progress progress, Cancellation cancellation) {
      progress.stage("copying");
      var importing =
          new WeightStore.Importing(
              type, name, version, activate ? Boolean.TRUE : null, null, force);
      WeightEntry entry = store.importWeights(file, importing, progress, cancellation);
      if (tantra().json()) {
        Json.print(out(), Map.of("weight", entry.fields()));
      } else {
        out()
            .printf(
                "%s is in the store%s.%n",
                entry.name(), entry.active() ? " and active" : ", not active");
      }
      return ExitCode.OK;
    }
  }

  @Command(
      name = "export",
      description = "Copy a weight out of the store, checked against its checksum on the way.",
      mixinStandardHelpOptions = true)
  static final class Export extends StoreCommand {
    @Parameters(
        index = "0",
        paramLabel = "NAME|TYPE",
        description = "A weight, or a type for its active one.")
    private String nameOrType = "";

    @Parameters(index = "1", paramLabel = "TARGET", description = "A folder, or a file.")
    private Path target = Path.of("");

    Export(TantraCli tantra) {
      super(tantra);
    }

    @Override
    int run(WeightStore store, Progress progress, Cancellation cancellation) {
      progress.stage("copying");
      WeightEntry entry = pick(store, nameOrType, null);
      Path file = store.exportWeights(entry, target, progress, cancellation);
      if (tantra().json()) {
        Json.print(out(), Map.of("file", file.toString(), "weight", entry.fields()));
      } else {
        out().printf("%s is now also %s.%n", entry.name(), file);
      }
      return ExitCode.OK;
    }
  }
}
