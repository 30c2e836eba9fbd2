package org.tantra.host.store;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.Settings;
import org.tantra.api.WeightSource;
import org.tantra.host.weights.CheckpointPlace;

/// The `config.json` that belongs to one weight file: `<stem>.config.json` beside it, or the text
/// that the file carries under `config` in its metadata, or what it says with types, as GGUF does.
final class OwnConfig {
  private static final String CONFIG = "config";
  private static final JsonMapper JSON = new JsonMapper();

  private OwnConfig() {}

  /// Where it lies if it is a file.
  static Path file(Path weights) {
    return weights.resolveSibling(CheckpointPlace.ownPrefix(weights) + CONFIG + ".json");
  }

  static Optional<Settings> of(Path weights, WeightSource source) {
    Path file = file(weights);
    try {
      if (Files.isRegularFile(file)) {
        return Optional.of(settings(file.getFileName().toString(), Files.readString(file)));
      }
      String text = source.metadata().get(CONFIG);
      return text == null
          ? Optional.of(source.attributes()).filter(values -> !values.keys().isEmpty())
          : Optional.of(settings("the config within '" + weights.getFileName() + "'", text));
    } catch (IOException _) {
      return Optional.empty(); // no JSON, or not ours: it says nothing of the network
    }
  }

  /// What one source says and the other does not: the format that it was written in has no place
  /// for it.
  static Optional<byte[]> lost(WeightSource before, WeightSource after) {
    String text = before.metadata().get(CONFIG);
    return text == null || after.metadata().containsKey(CONFIG)
        ? Optional.empty()
        : Optional.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Settings settings(String origin, String text) throws IOException {
    Map<String, Object> values = JSON.readValue(text, new TypeReference<>() {});
    return Settings.of(origin, values);
  }
}
