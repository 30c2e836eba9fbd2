package org.tantra.host.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tantra.host.Host;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tantra create-config TYPE`: writes a type's configuration file.
@Command(
    name = "create-config",
    description = {
      "Write Config/TYPE.yaml: the sizes given here over the defaults of the type's plugin.",
      "Sizes that the plugin cannot run are refused, and nothing is written."
    },
    mixinStandardHelpOptions = true)
final class CreateConfigCommand implements Callable<Integer> {
  private final TantraCli tantra;

  @Parameters(paramLabel = "TYPE", description = "A model type, such as 'mamba'.")
  private String type = "";

  @Option(names = "--d-model", paramLabel = "N", description = "Width of the network.")
  private @Nullable Integer width;

  @Option(names = "--n-layers", paramLabel = "N", description = "Number of layers.")
  private @Nullable Integer layers;

  @Option(names = "--d-state", paramLabel = "N", description = "Numbers in a channel's state.")
  private @Nullable Integer state;

  @Option(names = "--d-conv", paramLabel = "N", description = "Tokens a convolution sees.")
  private @Nullable Integer convolution;

  @Option(names = "--dropout", paramLabel = "P", description = "For those who train.")
  private @Nullable Double dropout;

  @Option(names = "--vocab-size", paramLabel = "N", description = "Rows of the embedding.")
  private @Nullable Integer vocab;

  @Option(names = "--max-seq-len", paramLabel = "N", description = "Most tokens of a row.")
  private @Nullable Integer context;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any other key of the model section, such as num_experts=8.")
  private Map<String, String> others = Map.of();

  @Option(names = "--force", description = "Replace the file if it is there.")
  private boolean force;

  @Mixin private final HostFlags host = new HostFlags();

  CreateConfigCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    try (Host opened = tantra.open(host)) {
      Path file = opened.configs().createModelConfig(type, model(), force);
      String shown = tantra.home().relativize(file.toAbsolutePath().normalize()).toString();
      if (tantra.json()) {
        Json.print(
            tantra.console().out(),
            Map.of("file", shown, "config", opened.configs().config(type).asMap()));
      } else {
        tantra.console().out().println("Wrote " + shown);
      }
      return ExitCode.OK;
    }
  }

  private Map<String, Object> model() {
    Map<String, Object> model = new LinkedHashMap<>();
    put(model, "d_model", width);
    put(model, "n_layers", layers);
    put(model, "d_state", state);
    put(model, "d_conv", convolution);
    put(model, "dropout", dropout);
    put(model, "vocab_size", vocab);
    put(model, "max_seq_len", context);
    others.forEach((key, value) -> model.put(key, typed(value)));
    return model;
  }

  private static void put(Map<String, Object> model, String key, @Nullable Object value) {
    if (value != null) {
      model.put(key, value);
    }
  }

  /// As YAML would read it.
  private static Object typed(String value) {
    if (value.matches("-?\\d{1,9}")) {
      return Integer.valueOf(value);
    }
    if (value.matches("-?\\d+\\.\\d+([eE][-+]?\\d+)?")) {
      return Double.valueOf(value);
    }
    return value.equals("true") || value.equals("false") ? Boolean.valueOf(value) : value;
  }
}
