package org.tantra.host.cli;

import java.util.List;
import picocli.CommandLine;

/// The verbs of the weight store, which its users know at top level and find under `weights` too.
final class StoreCommands {
  private StoreCommands() {}

  /// Adds all of them to a command.
  static CommandLine addTo(CommandLine parent, TantraCli tantra) {
    List<StoreCommand> verbs =
        List.of(
            new StoreListCommand(tantra),
            new StoreActivateCommands.SetActive(tantra),
            new StoreActivateCommands.Rollback(tantra),
            new StoreBackupCommands.Make(tantra),
            new StoreBackupCommands.Restore(tantra),
            new StoreCleanupCommands.Cleanup(tantra),
            new StoreCleanupCommands.Gc(tantra),
            new StoreCheckCommands.Validate(tantra),
            new StoreCheckCommands.Verify(tantra),
            new StoreExchangeCommands.Import(tantra),
            new StoreExchangeCommands.Export(tantra),
            new StoreHistoryCommands.Migrate(tantra),
            new StoreHistoryCommands.History(tantra));
    verbs.forEach(parent::addSubcommand);
    return parent;
  }
}
