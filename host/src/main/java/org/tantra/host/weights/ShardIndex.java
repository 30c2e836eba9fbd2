package org.tantra.host.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Which shard holds which weight, as `*.index.json` says: `{"weight_map": {name: file}}`.
///
/// @param files file name, without any folder, by weight name, in the order of the index
/// @param metadata what else it says, such as `total_size`
record ShardIndex(Map<String, String> files, Map<String, String> metadata) {
  private static final long MAXIMUM_BYTES = 32L << 20;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /// Whether a file is an index by its name. Weight formats have signatures; JSON has none, so here
  /// the name counts.
  static boolean isNamedLikeOne(Path file) {
    return String.valueOf(file.getFileName()).endsWith(".index.json");
  }

  /// Reads an index and checks that its shards are there.
  ///
  /// @throws TantraException `CORRUPT` (code `bad-index`, `path-traversal` or `duplicate-key`) if
  ///   the index is malformed, or (`missing-shard`) if a shard is not beside it
  static ShardIndex read(Path file) throws IOException {
    if (Files.size(file) > MAXIMUM_BYTES) {
      throw corrupt(file, "it has more than 32 MiB", "bad-index");
    }
    JsonNode root;
    try {
      root = JSON.readTree(file.toFile());
    } catch (JsonProcessingException e) {
      String code = e.getOriginalMessage().contains("Duplicate") ? "duplicate-key" : "bad-index";
      throw corrupt(file, e.getOriginalMessage(), code);
    }
    JsonNode map = root.path("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      throw corrupt(file, "it has no 'weight_map' with at least one weight", "bad-index");
    }
    Map<String, String> files = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      if (!entry.getValue().isTextual()) {
        throw corrupt(file, "weight '" + entry.getKey() + "' names no file", "bad-index");
      }
      String shard = entry.getValue().textValue();
      if (shard.isEmpty()
          || shard.matches(".*[/\\\\:\\x00].*")
          || shard.equals("..")
          || shard.equals(".")) {
        throw corrupt(
            file,
            "weight '" + entry.getKey() + "' lies in '" + shard + "', which is no plain file name",
            "path-traversal");
      }
      files.put(entry.getKey(), shard);
    }
    ShardIndex index = new ShardIndex(files, metadata(root.path("metadata")));
    for (String shard : index.shards()) {
      if (!Files.isRegularFile(file.resolveSibling(shard))) {
        throw corrupt(
            file, "its shard '" + shard + "' is not beside it; fetch it", "missing-shard");
      }
    }
    return index;
  }

  private static Map<String, String> metadata(JsonNode values) {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : values.properties()) {
      JsonNode value = entry.getValue();
      metadata.put(entry.getKey(), value.isValueNode() ? value.asText() : value.toString());
    }
    return metadata;
  }

  /// The distinct shards, in order of first use.
  Set<String> shards() {
    return new LinkedHashSet<>(files.values());
  }

  private static TantraException corrupt(Path file, String what, String code) {
    return new TantraException(
            ErrorKind.CORRUPT,
            "Shard index '" + file.getFileName() + "' cannot be used: " + what + ".")
        .withCode(code);
  }
}
