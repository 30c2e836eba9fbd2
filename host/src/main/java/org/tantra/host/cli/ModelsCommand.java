package org.tantra.host.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.tantra.host.Host;
import org.tantra.host.resolve.ModelStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `tantra models`: what could answer.
@Command(
    name = "models",
    aliases = "list-models",
    description = "List the models, whether they can answer, and who stands in for them.",
    mixinStandardHelpOptions = true)
final class ModelsCommand implements Callable<Integer> {
  private final TantraCli tantra;
  @Mixin private final HostFlags host = new HostFlags();

  ModelsCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    try (Host opened = tantra.open(host)) {
      List<ModelStatus> models = opened.models();
      if (tantra.json()) {
        Json.print(
            tantra.console().out(),
            Map.of("models", models.stream().map(ModelsCommand::document).toList()));
        return ExitCode.OK;
      }
      Table table = new Table("MODEL", "STATE", "TASKS", "PLUGIN", "STAND-INS", "");
      for (ModelStatus model : models) {
        table.row(
            model.id(),
            state(model),
            String.join(",", model.tasks().stream().sorted().toList()),
            plugin(model),
            String.join(", ", standIns(model)),
            model.detail().isEmpty() ? model.title() : model.detail());
      }
      table.print(tantra.console().out());
      return ExitCode.OK;
    }
  }

  static String state(ModelStatus model) {
    return model.state().name().toLowerCase(Locale.ROOT);
  }

  static String plugin(ModelStatus model) {
    return model.plugin() == null ? "-" : model.plugin().toString();
  }

  static List<String> standIns(ModelStatus model) {
    List<String> standIns = new ArrayList<>(model.chain());
    standIns.remove(model.id());
    return standIns;
  }

  /// One model as JSON shows it.
  static Map<String, Object> document(ModelStatus model) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("id", model.id());
    document.put("title", model.title());
    document.put("tasks", model.tasks().stream().sorted().toList());
    if (model.plugin() != null) {
      document.put("plugin", model.plugin().id());
      document.put("plugin_version", model.plugin().version());
    }
    document.put("state", state(model));
    document.put("detail", model.detail());
    document.put("chain", model.chain());
    document.put("needs_weights", model.needsWeights());
    if (model.fingerprint() != null) {
      document.put("fingerprint", model.fingerprint());
    }
    document.put("parameters", model.parameters());
    document.put("resident_bytes", model.residentBytes());
    document.put("requests", model.requests());
    return document;
  }
}
