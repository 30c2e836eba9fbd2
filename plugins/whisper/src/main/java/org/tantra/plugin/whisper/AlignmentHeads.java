package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.Checkpoint;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.plugin.whisper.WordAligner.AttentionHead;

/// The attention heads of published models that follow the speech.
final class AlignmentHeads {
  /// Layer and head, by model.
  private static final Map<String, String> PUBLISHED =
      Map.ofEntries(
          Map.entry("tiny.en", "1.0 2.0 2.5 3.0 3.1 3.2 3.3 3.4"),
          Map.entry("tiny", "2.2 3.0 3.2 3.3 3.4 3.5"),
          Map.entry("base.en", "3.3 4.7 5.1 5.5 5.7"),
          Map.entry("base", "3.1 4.2 4.3 4.7 5.1 5.2 5.4 5.6"),
          Map.entry(
              "small.en",
              "6.6 7.0 7.3 7.8 8.2 8.5 8.7 9.0 9.4 9.8 9.10 10.0 10.1 10.2 10.3 10.6 10.11 11.2"
                  + " 11.4"),
          Map.entry("small", "5.3 5.9 8.0 8.4 8.7 8.8 9.0 9.7 9.9 10.5"),
          Map.entry(
              "medium.en",
              "11.4 14.1 14.12 14.14 15.4 16.0 16.4 16.9 17.12 17.14 18.7 18.10 18.15 20.0 20.3"
                  + " 20.9 20.14 21.12"),
          Map.entry("medium", "13.15 15.4 15.15 16.1 20.0 23.4"),
          Map.entry("large-v1", "9.19 11.2 11.4 11.17 22.7 22.11 22.17 23.2 23.15"),
          Map.entry(
              "large-v2",
              "10.12 13.17 16.11 16.12 16.13 17.15 17.16 18.4 18.11 18.19 19.11 21.2 21.3 22.3 22.9"
                  + " 22.12 23.5 23.7 23.13 25.5 26.1 26.12 27.15"),
          Map.entry("large-v3", "7.0 10.17 12.18 13.12 16.1 17.14 19.11 21.4 24.1 25.6"),
          Map.entry("large-v3-turbo", "2.4 2.11 3.3 3.6 3.11 3.14"));

  private AlignmentHeads() {}

  /// Those of a published model; nothing if it is not known.
  static Optional<List<AttentionHead>> of(String model) {
    return Optional.ofNullable(PUBLISHED.get(model)).map(AlignmentHeads::parsed);
  }

  private static List<AttentionHead> parsed(String heads) {
    List<AttentionHead> parsed = new ArrayList<>();
    for (String head : heads.split(" ", -1)) {
      int dot = head.indexOf('.');
      parsed.add(
          new AttentionHead(
              Integer.parseInt(head.substring(0, dot)), Integer.parseInt(head.substring(dot + 1))));
    }
    return parsed;
  }

  /// Those that `generation_config.json` lists, or of the published model of this size, or all of
  /// the upper half of the decoder.
  ///
  /// @throws TantraException `CORRUPT` if the file lists heads that are not there
  static List<AttentionHead> of(Checkpoint checkpoint, WhisperConfig config) {
    Optional<Settings> generation = checkpoint.json("generation_config.json");
    if (generation.isPresent() && generation.get().has("alignment_heads")) {
      return listed(generation.get().list("alignment_heads"), config);
    }
    return model(checkpoint.name(), config)
        .flatMap(AlignmentHeads::of)
        .orElseGet(() -> upperHalf(config));
  }

  private static List<AttentionHead> listed(List<Object> pairs, WhisperConfig config) {
    List<AttentionHead> heads = new ArrayList<>();
    for (Object pair : pairs) {
      if (pair instanceof List<?> list
          && list.size() == 2
          && list.get(0) instanceof Integer layer
          && list.get(1) instanceof Integer index
          && layer >= 0
          && layer < config.textLayers()
          && index >= 0
          && index < config.textHeads()) {
        heads.add(new AttentionHead(layer, index));
      } else {
        throw new TantraException(
            ErrorKind.CORRUPT,
            "generation_config.json: alignment_heads has %s; the decoder has %d layers of %d heads."
                .formatted(pair, config.textLayers(), config.textHeads()));
      }
    }
    return heads.isEmpty() ? upperHalf(config) : heads;
  }

  private static List<AttentionHead> upperHalf(WhisperConfig config) {
    List<AttentionHead> heads = new ArrayList<>();
    for (int layer = config.textLayers() / 2; layer < config.textLayers(); layer++) {
      for (int index = 0; index < config.textHeads(); index++) {
        heads.add(new AttentionHead(layer, index));
      }
    }
    return heads;
  }

  /// The published model with these sizes. Of the three large ones, the first two differ in nothing
  /// but their names.
  private static Optional<String> model(String name, WhisperConfig config) {
    String suffix = config.vocab() == SpecialTokens.ENGLISH_VOCAB ? ".en" : "";
    return switch (config.textLayers() + "x" + config.hidden()) {
      case "4x384" -> Optional.of("tiny" + suffix);
      case "6x512" -> Optional.of("base" + suffix);
      case "12x768" -> Optional.of("small" + suffix);
      case "24x1024" -> Optional.of("medium" + suffix);
      case "4x1280" -> Optional.of("large-v3-turbo");
      case "32x1280" ->
          Optional.of(
              config.mels() == 128
                  ? "large-v3"
                  : name.contains("large-v1") ? "large-v1" : "large-v2");
      default -> Optional.empty();
    };
  }
}
