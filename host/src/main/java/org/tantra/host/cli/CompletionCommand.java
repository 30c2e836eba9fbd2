package org.tantra.host.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;

/// `tantra completion`: the script for bash and zsh.
@Command(
    name = "completion",
    description = {
      "Print the tab completion script for bash and zsh.",
      "To switch it on: source <(tantra completion)"
    },
    mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
  private final TantraCli tantra;

  CompletionCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    tantra.console().out().print(AutoComplete.bash("tantra", tantra.commandLine()));
    return ExitCode.OK;
  }
}
