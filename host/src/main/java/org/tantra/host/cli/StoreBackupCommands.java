package org.tantra.host.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;
import org.tantra.host.store.Backup;
import org.tantra.host.store.WeightStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tantra backup` and `tantra restore`.
final class StoreBackupCommands {
  private StoreBackupCommands() {}

  @Command(
      name = "backup",
      description = "Copy a weight to Model/backups, checked against its checksum.",
      mixinStandardHelpOptions = true)
  static final class Make extends StoreCommand {
    @Parameters(
        index = "0",
        paramLabel = "NAME|TYPE",
        description = "A weight, or a type for its active one.")
    private String nameOrType = "";

    @Parameters(index = "1", paramLabel = "VERSION", arity = "0..1")
    private @Nullable String version;

    Make(TantraCli tantra) {
      super(tantra);
    }

    @Override
    int run(WeightStore store, Progress progress, Cancellation cancellation) {
      progress.stage("copying");
      Backup backup = store.backup(pick(store, nameOrType, version), progress, cancellation);
      if (tantra().json()) {
        Json.print(out(), Map.of("backup", document(backup)));
      } else {
        out().printf("%s is kept as %s.%n", backup.entry().name(), backup.name());
      }
      return ExitCode.OK;
    }
  }

  @Command(
      name = "restore",
      description = {
        "Put a backup back in its place. Without a name, list the backups.",
        "What is in that place meanwhile is backed up first if it differs."
      },
      mixinStandardHelpOptions = true)
  static final class Restore extends StoreCommand {
    @Parameters(
        paramLabel = "NAME",
        arity = "0..1",
        description = "A backup, or a weight for its newest backup.")
    private @Nullable String name;

    @Option(names = "--activate", description = "Make it the active weight of its type.")
    private boolean activate;

    Restore(TantraCli tantra) {
      super(tantra);
    }

    @Override
    int run(WeightStore store, Progress progress, Cancellation cancellation) {
      if (name == null) {
        list(store.backups());
        return ExitCode.OK;
      }
      progress.stage("copying");
      WeightStore.Restored restored = store.restore(name, activate, progress, cancellation);
      if (tantra().json()) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("restored", restored.entry().fields());
        document.put("saved", restored.saved().map(Backup::name).orElse(null));
        Json.print(out(), document);
      } else {
        restored
            .saved()
            .ifPresent(saved -> out().println("What was there is kept as " + saved.name() + "."));
        out()
            .printf(
                "%s is back%s.%n",
                restored.entry().name(), restored.entry().active() ? " and active" : "");
      }
      return ExitCode.OK;
    }

    private void list(List<Backup> backups) {
      if (tantra().json()) {
        Json.print(out(), Map.of("backups", backups.stream().map(it -> document(it)).toList()));
        return;
      }
      Table table = new Table("BACKUP", "WEIGHT", "TYPE", "VERSION", "SIZE");
      for (Backup backup : backups) {
        table.row(
            WeightsInspectCommand.plain(backup.name()),
            WeightsInspectCommand.plain(backup.entry().name()),
            WeightsInspectCommand.plain(backup.entry().modelType()),
            WeightsInspectCommand.plain(backup.entry().version()),
            Sizes.shown(backup.bytes()));
      }
      table.print(out());
    }
  }

  private static Map<String, Object> document(Backup backup) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("name", backup.name());
    document.put("file", backup.file().toString());
    document.put("bytes", backup.bytes());
    document.put("weight", backup.entry().fields());
    return document;
  }
}
