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
record ShardIndex(Map<String, String> files) {
  private static final long MAXIMUM_BYTES = 32L << 20;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /// @throws TantraException `CORRUPT` (code `bad-index`, `path-traversal` or `duplicate-key`) if
  ///   the index is malformed
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
    return new ShardIndex(files);
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
