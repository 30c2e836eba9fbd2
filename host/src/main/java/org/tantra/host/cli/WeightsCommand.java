package org.tantra.host.cli;

import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `tantra weights …`: weight files by themselves, and the store of them.
@Command(
    name = "weights",
    description =
        "Inspect, convert, compare, scan and generate weight files; keep versions of them.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true)
final class WeightsCommand implements Runnable {
  private WeightsCommand() {}

  /// The command with its own commands.
  static CommandLine tree(TantraCli tantra) {
    return StoreCommands.addTo(new CommandLine(new WeightsCommand()), tantra)
        .addSubcommand(new WeightsInspectCommand(tantra))
        .addSubcommand(new WeightsConvertCommand(tantra))
        .addSubcommand(new WeightsDiffCommand(tantra))
        .addSubcommand(new WeightsScanCommand(tantra))
        .addSubcommand(new WeightsGenerateCommand(tantra))
        .addSubcommand(new WeightsQuantizeCommand(tantra))
        .addSubcommand(new WeightsPackCommand.Pack(tantra))
        .addSubcommand(new WeightsPackCommand.Unpack(tantra));
  }

  @Override
  public void run() {
    throw new TantraException(
        ErrorKind.INVALID,
        "Say what to do with weights: inspect, convert, diff, scan, generate, quantize, pack,"
            + " unpack, or a verb of the store such as list-weights. See 'tantra weights --help'.");
  }
}
