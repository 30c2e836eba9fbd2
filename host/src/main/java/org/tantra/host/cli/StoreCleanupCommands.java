package org.tantra.host.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;
import org.tantra.host.store.Removal;
import org.tantra.host.store.WeightStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tantra cleanup` and `tantra gc`: what is not needed any more goes.
final class StoreCleanupCommands {
  private StoreCleanupCommands() {}

  @Command(
      name = "cleanup",
      description = {
        "Delete all weights of a type but the newest ones; never the active one.",
        "What goes is listed before it goes."
      },
      mixinStandardHelpOptions = true)
  static final class Cleanup extends StoreCommand {
    @Parameters(paramLabel = "TYPE", description = "A model type, such as 'mamba'.")
    private String type = "";

    @Option(
        names = "--keep",
        paramLabel = "N",
        required = true,
        description = "How many of the newest stay.")
    private int keep;

    @Option(names = "--dry-run", description = "Say only what would go.")
    private boolean dryRun;

    Cleanup(TantraCli tantra) {
      super(tantra);
    }

    @Override
    int run(WeightStore store, Progress progress, Cancellation cancellation) {
      List<Removal> removals = store.cleanup(type, keep, true);
      if (!tantra().json()) {
        list(removals, dryRun ? "would be deleted" : "will be deleted", this);
      }
      if (!dryRun) {
        removals = store.cleanup(type, keep, false);
      }
      return ended(removals, dryRun, this);
    }
  }

  @Command(
      name = "gc",
      description = {
        "Delete what crashes left behind (unfinished files older than an hour), and forget entries "
            + "whose file is gone."
      },
      mixinStandardHelpOptions = true)
  static final class Gc extends StoreCommand {
    @Option(names = "--dry-run", description = "Say only what would go.")
    private boolean dryRun;

    Gc(TantraCli tantra) {
      super(tantra);
    }

    @Override
    int run(WeightStore store, Progress progress, Cancellation cancellation) {
      List<Removal> removals = store.gc(dryRun);
      if (!tantra().json()) {
        list(removals, dryRun ? "would go" : "is gone", this);
      }
      return ended(removals, dryRun, this);
    }
  }

  private static void list(List<Removal> removals, String fate, StoreCommand command) {
    for (Removal removal : removals) {
      command
          .out()
          .printf(
              "%s %s %s (%s)%n",
              removal.what(), removal.name(), fate, Sizes.shown(removal.bytes()));
    }
  }

  private static int ended(List<Removal> removals, boolean dryRun, StoreCommand command) {
    long bytes = removals.stream().mapToLong(Removal::bytes).sum();
    if (command.tantra().json()) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("dry_run", dryRun);
      document.put("bytes", bytes);
      document.put("removed", removals.stream().map(it -> document(it)).toList());
      Json.print(command.out(), document);
    } else {
      command
          .out()
          .printf("%d %s, %s%n", removals.size(), dryRun ? "would go" : "gone", Sizes.shown(bytes));
    }
    return ExitCode.OK;
  }

  private static Map<String, Object> document(Removal removal) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("name", removal.name());
    document.put("what", removal.what());
    document.put("path", removal.path());
    document.put("bytes", removal.bytes());
    return document;
  }
}
