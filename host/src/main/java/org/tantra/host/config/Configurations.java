package org.tantra.host.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.host.concurrent.AtomicFile;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/// The models' configurations as their users see them: `Config/<type>.yaml`, completed by what the
/// type's plugin says. Safe from several threads; a changed file counts from the next call on.
public final class Configurations {
  private final ConfigFolder files;
  private final Path folder;
  private final Types types;

  /// What the running plugins say of their types. Implemented by the host.
  public interface Types {
    /// Ids of all models and encoders.
    Set<String> ids();

    /// A network with what its configuration leaves open, as the plugin takes it.
    ///
    /// @throws TantraException `NOT_FOUND` for an unknown type
    Map<String, Object> completed(String type, Map<String, Object> stated);

    /// Whether the plugin can run such a network.
    ///
    /// @throws TantraException `INVALID` or `UNSUPPORTED` if not
    void check(String type, Settings model);
  }

  /// @param folder where the files lie
  public Configurations(ConfigFolder files, Path folder, Types types) {
    this.files = files;
    this.folder = folder;
    this.types = types;
  }

  /// Types that have a running plugin or a file.
  public Set<String> types() {
    Set<String> all = new TreeSet<>(types.ids());
    all.addAll(files.ids());
    return all;
  }

  /// The whole configuration: `model` over the plugin's defaults, `serve` over
  /// [ServeConfig#DEFAULTS], everything else as the file says. While a file is wrong, as it was
  /// before.
  ///
  /// @throws TantraException `NOT_FOUND` if the type has neither plugin nor file; `INVALID` if the
  ///   file is wrong and never was right
  public Settings config(String type) {
    ModelConfig file = known(type);
    Map<String, Object> all = new LinkedHashMap<>(file.settings().asMap());
    all.put("model", completed(type, file.settings().section("model").asMap()));
    Map<String, Object> serve = new LinkedHashMap<>(ServeConfig.DEFAULTS.values());
    serve.putAll(file.settings().section("serve").asMap());
    all.put("serve", serve);
    return Settings.of(file.settings().origin(), all);
  }

  /// The `paths` section as the file says.
  ///
  /// @throws TantraException as [#config]
  public Settings paths(String type) {
    return known(type).settings().section("paths");
  }

  /// The `train` section as the file says. Nothing in this host trains.
  ///
  /// @throws TantraException as [#config]
  public Settings trainingConfig(String type) {
    return known(type).settings().section("train");
  }

  /// The `serve` section over [ServeConfig#DEFAULTS].
  ///
  /// @throws TantraException as [#config]
  public ServeConfig serveConfig(String type) {
    return known(type).serve().over(ServeConfig.DEFAULTS);
  }

  /// What the file itself sets for requests that do not say; for a type without a file, nothing.
  public ServeConfig serving(String type) {
    // Callers choose the name; only those of files that are there may become part of a path.
    return files.ids().contains(type) ? files.model(type).serve() : ServeConfig.UNSET;
  }

  /// Writes `Config/<type>.yaml`: this network over the plugin's defaults, with all serve defaults.
  ///
  /// @param model keys of the `model` section
  /// @param replace whether a file that is there may go
  /// @throws TantraException `NOT_FOUND` for a type without a running plugin; `INVALID` or
  ///   `UNSUPPORTED` if the plugin cannot run such a network, or the file is there and may not go
  public Path createModelConfig(String type, Map<String, Object> model, boolean replace) {
    Map<String, Object> network = types.completed(type, model);
    String name = "Config/" + type + ".yaml";
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("model", ordered(network));
    all.put("serve", ServeConfig.DEFAULTS.values());
    String text = "# Every key is explained in docs/configuration.md.\n" + yaml(all);
    var _ = ModelConfig.from(YamlFile.parse(text, name), type);
    types.check(type, Settings.of(name, network));
    Path file = folder.resolve(type + ".yaml");
    if (Files.exists(file) && !replace) {
      throw new TantraException(
          ErrorKind.INVALID,
          name + " is there already. Change it by hand, or replace it with --force.");
    }
    try {
      AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new TantraException(ErrorKind.INTERNAL, name + " cannot be written: " + e + ".", e);
    }
    return file;
  }

  private ModelConfig known(String type) {
    if (!types.ids().contains(type) && !files.ids().contains(type)) {
      throw unknown(type);
    }
    String problem = files.problems().get(type);
    ModelConfig config = files.model(type);
    if (problem != null && config.settings().keys().isEmpty()) {
      throw new TantraException(ErrorKind.INVALID, problem);
    }
    return config;
  }

  /// What is stated, in its order, then the rest in alphabetical order: plugins give it in none.
  private Map<String, Object> completed(String type, Map<String, Object> stated) {
    Map<String, Object> model = new LinkedHashMap<>(stated);
    if (types.ids().contains(type)) {
      ordered(types.completed(type, stated)).forEach(model::putIfAbsent);
    }
    return model;
  }

  private static Map<String, Object> ordered(Map<?, ?> values) {
    Map<String, Object> ordered = new TreeMap<>();
    values.forEach(
        (key, value) ->
            ordered.put(
                String.valueOf(key), value instanceof Map<?, ?> inner ? ordered(inner) : value));
    return ordered;
  }

  private TantraException unknown(String type) {
    Set<String> known = types();
    String hint =
        Nearest.to(type, known)
            .map(near -> "Did you mean '" + near + "'?")
            .orElse("Known: " + String.join(", ", List.copyOf(known)) + ".");
    return new TantraException(
            ErrorKind.NOT_FOUND, "There is no model type '" + type + "'. " + hint)
        .about("type");
  }

  private static String yaml(Map<String, Object> values) {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    return new Yaml(options).dump(values);
  }
}
