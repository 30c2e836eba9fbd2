package org.tantra.host.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;
import org.tantra.host.store.WeightEvent;
import org.tantra.host.store.WeightStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `tantra migrate` and `tantra history`: where weights come from.
final class StoreHistoryCommands {
  private StoreHistoryCommands() {}

  @Command(
      name = "migrate",
      description = {
        "Bring what the earlier system left into the present order: single files become versioned "
            + "weights (the originals are kept as backups), files without an entry get one, paths "
            + "of other machines become paths of this one.",
        "Done again, it changes nothing."
      },
      mixinStandardHelpOptions = true)
  static final class Migrate extends StoreCommand {
    Migrate(TantraCli tantra) {
      super(tantra);
    }

    @Override
    int run(WeightStore store, Progress progress, Cancellation cancellation) {
      progress.stage("copying");
      List<String> steps = store.migrate(progress, cancellation);
      if (tantra().json()) {
        Json.print(out(), Map.of("steps", steps));
      } else if (steps.isEmpty()) {
        out().println("There was nothing to migrate.");
      } else {
        steps.forEach(out()::println);
      }
      return ExitCode.OK;
    }
  }

  @Command(
      name = "history",
      description = "List what was done in the store, the newest first.",
      mixinStandardHelpOptions = true)
  static final class History extends StoreCommand {
    @Parameters(paramLabel = "TYPE", arity = "0..1", description = "Only of this type.")
    private @Nullable String type;

    History(TantraCli tantra) {
      super(tantra);
    }

    @Override
    int run(WeightStore store, Progress progress, Cancellation cancellation) {
      List<WeightEvent> events = store.history(type);
      if (tantra().json()) {
        Json.print(out(), Map.of("history", events.stream().map(WeightEvent::fields).toList()));
        return ExitCode.OK;
      }
      Table table = new Table("AT", "WHAT", "TYPE", "WEIGHT", "BEFORE");
      for (WeightEvent event : events) {
        String previous = event.previous();
        table.row(
            event.at().replaceFirst("(T\\d\\d:\\d\\d:\\d\\d).*", "$1"),
            event.operation(),
            WeightsInspectCommand.plain(event.modelType()),
            WeightsInspectCommand.plain(event.name()),
            previous == null ? "-" : WeightsInspectCommand.plain(previous));
      }
      table.print(out());
      return ExitCode.OK;
    }
  }
}
