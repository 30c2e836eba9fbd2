package org.tantra.host.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Settings;

/// `Config/<model>.yaml`, checked: what the host itself reads of it, and everything as the plugin
/// gets it.
///
/// @param id the model's id
/// @param fallbacks stand-ins in order, instead of those the plugin declares; null keeps those
/// @param required whether the host is ready only once this model is loaded, and never lets a
///   stand-in answer for it
/// @param generate whether small untrained weights are made when somebody asks for this model by
///   name and it has none
/// @param checkpoint folder or file with the weights, relative to the home folder; null looks in
///   the usual places
/// @param checkpoints further checkpoints by role, such as `vocoder`
/// @param serve how it answers when a request does not say
/// @param settings the whole file
public record ModelConfig(
    String id,
    @Nullable List<String> fallbacks,
    boolean required,
    boolean generate,
    @Nullable String checkpoint,
    Map<String, String> checkpoints,
    ServeConfig serve,
    Settings settings) {

  /// A model without a file.
  public static ModelConfig absent(String id) {
    return new ModelConfig(
        id,
        null,
        false,
        false,
        null,
        Map.of(),
        ServeConfig.UNSET,
        Settings.empty("Config/" + id + ".yaml"));
  }

  /// Reads and checks a file; nothing if it does not exist.
  ///
  /// @throws org.tantra.api.TantraException `INVALID` with all problems, each with its line
  static Optional<ModelConfig> read(Path file, String id) {
    return YamlFile.read(file, "Config/" + id + ".yaml").map(yaml -> from(yaml, id));
  }

  static ModelConfig from(YamlFile file, String id) {
    Keys root = Keys.of(file);
    EarlierKeys.checkModel(root.section("model"));
    EarlierKeys.checkTrain(root.section("train"));
    ServeConfig serve = ServeConfig.read(root.section("serve"));

    Keys paths = root.section("paths");
    String checkpoint = paths.textOrNull("checkpoint");
    // In files of the earlier system this is the folder of training checkpoints.
    Map<String, String> checkpoints =
        paths.isText("checkpoints") ? Map.of() : paths.textMap("checkpoints");
    paths.rejectSlips();

    Keys needs = root.section("needs");
    boolean required = needs.flag("required", false);
    boolean generate = needs.flag("generate", false);
    needs.rejectUnknown();

    List<String> fallbacks = root.textsOrNull("fallbacks");
    if (fallbacks != null && fallbacks.contains(id)) {
      root.wrong("fallbacks", "'" + id + "' cannot stand in for itself");
    }
    root.rejectUnknown();
    root.throwProblems();
    return new ModelConfig(
        id,
        fallbacks,
        required,
        generate,
        checkpoint,
        checkpoints,
        serve,
        Settings.of(file.name(), file.values()));
  }
}
