package org.tantra.host.cli;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;
import org.tantra.host.store.WeightEntry;
import org.tantra.host.store.WeightStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `tantra list-weights`: what the store has.
@Command(
    name = "list-weights",
    aliases = "list",
    description = "List the weights of the store; an asterisk marks the active one of each type.",
    mixinStandardHelpOptions = true)
final class StoreListCommand extends StoreCommand {
  @Parameters(paramLabel = "TYPE", arity = "0..1", description = "Only weights of this type.")
  private @Nullable String type;

  StoreListCommand(TantraCli tantra) {
    super(tantra);
  }

  @Override
  int run(WeightStore store, Progress progress, Cancellation cancellation) {
    List<WeightEntry> entries =
        store.listWeights().stream()
            .filter(entry -> type == null || entry.modelType().equals(type))
            .sorted(Comparator.comparing(WeightEntry::modelType).thenComparing(WeightEntry::name))
            .toList();
    if (tantra().json()) {
      Json.print(
          out(), Map.of("weights", entries.stream().map(it -> document(store, it)).toList()));
      return ExitCode.OK;
    }
    Table table = new Table("", "NAME", "TYPE", "VERSION", "FORMAT", "SIZE", "CREATED", "");
    for (WeightEntry entry : entries) {
      String format = entry.format();
      table.row(
          entry.active() ? "*" : "",
          WeightsInspectCommand.plain(entry.name()),
          WeightsInspectCommand.plain(entry.modelType()),
          WeightsInspectCommand.plain(entry.version()),
          format == null ? "-" : format,
          Sizes.shown(entry.bytes()),
          entry.createdAt().replaceFirst("(T\\d\\d:\\d\\d:\\d\\d).*", "$1"),
          store.file(entry).isPresent() ? "" : "MISSING");
    }
    table.print(out());
    return ExitCode.OK;
  }

  private static Map<String, Object> document(WeightStore store, WeightEntry entry) {
    Map<String, Object> document = new LinkedHashMap<>(entry.fields());
    document.put("missing", store.file(entry).isEmpty());
    return document;
  }
}
