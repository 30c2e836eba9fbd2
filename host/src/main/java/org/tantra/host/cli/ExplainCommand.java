package org.tantra.host.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.config.Nearest;
import org.tantra.host.resolve.ModelStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `tantra explain`: the chain of one model.
@Command(
    name = "explain",
    description = "Show who would be asked for a model, in order, and what is known of each.",
    mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {
  private final TantraCli tantra;

  @Parameters(paramLabel = "MODEL", description = "The model's id.")
  private String model = "";

  @Mixin private final HostFlags host = new HostFlags();

  ExplainCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    try (Host opened = tantra.open(host)) {
      ModelStatus first = opened.model(model).orElseThrow(() -> unknown(opened));
      List<Map<String, Object>> candidates = new ArrayList<>();
      Table table = new Table("", "CANDIDATE", "STATE", "PLUGIN", "");
      for (String id : first.chain()) {
        Optional<ModelStatus> candidate = opened.model(id);
        candidates.add(candidate.map(ModelsCommand::document).orElseGet(() -> nobody(id)));
        table.row(
            candidates.size() + ".",
            id,
            candidate.map(ModelsCommand::state).orElse("unavailable"),
            candidate.map(ModelsCommand::plugin).orElse("-"),
            candidate.map(ModelStatus::detail).orElse("no running plugin contributes it"));
      }
      if (tantra.json()) {
        Json.print(tantra.console().out(), Map.of("model", model, "candidates", candidates));
      } else {
        table.print(tantra.console().out());
      }
      return ExitCode.OK;
    }
  }

  private static Map<String, Object> nobody(String id) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("id", id);
    document.put("state", "unavailable");
    document.put("detail", "no running plugin contributes it");
    return document;
  }

  private TantraException unknown(Host opened) {
    List<String> ids = opened.models().stream().map(ModelStatus::id).toList();
    String hint =
        Nearest.to(model, ids)
            .map(near -> "Did you mean '" + near + "'?")
            .orElse("There are: " + String.join(", ", ids) + ".");
    return new TantraException(ErrorKind.NOT_FOUND, "There is no model '" + model + "'. " + hint);
  }
}
