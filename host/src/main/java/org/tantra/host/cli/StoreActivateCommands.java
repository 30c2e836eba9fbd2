package org.tantra.host.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;
import org.tantra.host.store.WeightEntry;
import org.tantra.host.store.WeightStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `tantra set-active` and `tantra rollback`: which weight a type is served from.
final class StoreActivateCommands {
  private StoreActivateCommands() {}

  @Command(
      name = "set-active",
      description = {
        "Make a weight the active one of its type, named by itself or by type and version.",
        "Hosts that serve the type load it beside the old one and switch over; no request fails."
      },
      mixinStandardHelpOptions = true)
  static final class SetActive extends StoreCommand {
    @Parameters(index = "0", paramLabel = "NAME|TYPE", description = "A weight, or its type.")
    private String nameOrType = "";

    @Parameters(
        index = "1",
        paramLabel = "VERSION",
        arity = "0..1",
        description = "With a type: the version.")
    private @Nullable String version;

    SetActive(TantraCli tantra) {
      super(tantra);
    }

    @Override
    int run(WeightStore store, Progress progress, Cancellation cancellation) {
      return printed(
          version == null ? store.setActive(nameOrType) : store.setActive(nameOrType, version),
          this);
    }
  }

  @Command(
      name = "rollback",
      description = "Make the weight active that was so before; done again, the one before that.",
      mixinStandardHelpOptions = true)
  static final class Rollback extends StoreCommand {
    @Parameters(paramLabel = "TYPE", description = "A model type, such as 'mamba'.")
    private String type = "";

    Rollback(TantraCli tantra) {
      super(tantra);
    }

    @Override
    int run(WeightStore store, Progress progress, Cancellation cancellation) {
      return printed(store.rollback(type), this);
    }
  }

  private static int printed(WeightStore.Activation done, StoreCommand command) {
    WeightEntry previous = done.previous();
    if (command.tantra().json()) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("active", done.entry().fields());
      document.put("previous", previous == null ? null : previous.name());
      Json.print(command.out(), document);
    } else {
      command
          .out()
          .printf(
              "%s is now the active weight of %s%s.%n",
              done.entry().name(),
              done.entry().modelType(),
              previous == null ? "" : "; before it was " + previous.name());
    }
    return ExitCode.OK;
  }
}
