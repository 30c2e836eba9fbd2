package org.tantra.host.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A registry as text: `{"weights": {name: {…}}, "last_updated": …}`, as the earlier system wrote
/// it, and our additions.
final class RegistryJson {
  private static final String WEIGHTS = "weights";
  private static final String HISTORY = "history";
  private static final String LAST_UPDATED = "last_updated";
  private static final Set<String> KNOWN =
      Set.of(
          "name",
          "path",
          "size_mb",
          "created_at",
          "model_type",
          "version",
          "checksum",
          "is_active",
          "format",
          "sha256",
          "parameters",
          "source");

  /// Numbers keep their digits: unknown fields are written as they were read.
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // Python writes a bare NaN
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private RegistryJson() {}

  /// The text makes no sense as a registry; the message says why, as half a sentence.
  static final class Damaged extends IOException {
    private static final long serialVersionUID = 1;

    Damaged(String why) {
      super(why);
    }
  }

  static RegistryContent parse(byte[] text) throws Damaged {
    Map<String, Object> root;
    try {
      root = JSON.readValue(text, new TypeReference<LinkedHashMap<String, Object>>() {});
    } catch (JsonProcessingException e) {
      throw new Damaged(e.getOriginalMessage());
    } catch (IOException e) {
      throw new Damaged(String.valueOf(e.getMessage()));
    }
    if (root == null || !(root.get(WEIGHTS) instanceof Map<?, ?> weights)) {
      throw new Damaged("it has no object 'weights'");
    }
    Map<String, WeightEntry> entries = new LinkedHashMap<>();
    for (Map.Entry<?, ?> weight : weights.entrySet()) {
      String name = String.valueOf(weight.getKey());
      if (!(weight.getValue() instanceof Map<?, ?> fields)) {
        throw new Damaged("weight '" + name + "' is no object");
      }
      entries.put(name, entry(name, fields));
    }
    Map<String, Object> other = new LinkedHashMap<>(root);
    other.keySet().removeAll(Set.of(WEIGHTS, HISTORY, LAST_UPDATED));
    return new RegistryContent(entries, history(root.get(HISTORY)), other);
  }

  static WeightEntry entry(String name, Map<?, ?> fields) throws Damaged {
    Map<String, Object> other = new LinkedHashMap<>();
    fields.forEach(
        (key, value) -> {
          if (!KNOWN.contains(String.valueOf(key))) {
            other.put(String.valueOf(key), value);
          }
        });
    String path = text(fields, "path");
    String type = text(fields, "model_type");
    if (path == null || path.isBlank() || type == null || type.isBlank()) {
      throw new Damaged("weight '" + name + "' has no path or no model_type");
    }
    String version = text(fields, "version");
    String created = text(fields, "created_at");
    return new WeightEntry(
        name,
        path,
        fields.get("size_mb") instanceof Number size ? size.doubleValue() : 0,
        created == null ? "" : created,
        type,
        version == null ? "" : version,
        hex(fields, "checksum"),
        Boolean.TRUE.equals(fields.get("is_active")),
        text(fields, "format"),
        hex(fields, "sha256"),
        fields.get("parameters") instanceof Number count ? count.longValue() : 0,
        text(fields, "source"),
        other);
  }

  private static @Nullable String text(Map<?, ?> fields, String key) {
    Object value = fields.get(key);
    return value instanceof String || value instanceof Number ? value.toString() : null;
  }

  private static @Nullable String hex(Map<?, ?> fields, String key) {
    String text = text(fields, key);
    return text == null || text.isBlank() ? null : text.toLowerCase(Locale.ROOT);
  }

  private static List<WeightEvent> history(@Nullable Object events) {
    List<WeightEvent> history = new ArrayList<>();
    if (events instanceof List<?> list) {
      for (Object event : list) {
        if (event instanceof Map<?, ?> fields) { // else somebody else's
          String at = text(fields, "at");
          String operation = text(fields, "operation");
          String type = text(fields, "model_type");
          String name = text(fields, "name");
          if (at != null && operation != null && type != null && name != null) {
            history.add(new WeightEvent(at, operation, type, name, text(fields, "previous")));
          }
        }
      }
    }
    return history;
  }

  static byte[] text(RegistryContent content, String updated) throws IOException {
    Map<String, Object> weights = new LinkedHashMap<>();
    content.weights().forEach((name, entry) -> weights.put(name, document(entry)));
    Map<String, Object> root = new LinkedHashMap<>();
    root.put(WEIGHTS, weights);
    root.put(LAST_UPDATED, updated);
    root.putAll(content.other());
    if (!content.history().isEmpty()) {
      root.put(HISTORY, content.history().stream().map(RegistryJson::document).toList());
    }
    return JSON.writeValueAsBytes(root);
  }

  /// One entry with the names that the file uses.
  static Map<String, Object> document(WeightEntry entry) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("name", entry.name());
    document.put("path", entry.path());
    document.put("size_mb", entry.sizeMb());
    document.put("created_at", entry.createdAt());
    document.put("model_type", entry.modelType());
    document.put("version", entry.version());
    document.put("checksum", entry.checksum());
    document.put("is_active", entry.active());
    putIfKnown(document, "format", entry.format());
    putIfKnown(document, "sha256", entry.sha256());
    putIfKnown(document, "parameters", entry.parameters() == 0 ? null : entry.parameters());
    putIfKnown(document, "source", entry.source());
    document.putAll(entry.other());
    return document;
  }

  static Map<String, Object> document(WeightEvent event) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("at", event.at());
    document.put("operation", event.operation());
    document.put("model_type", event.modelType());
    document.put("name", event.name());
    putIfKnown(document, "previous", event.previous());
    return document;
  }

  /// One entry alone, as the file beside a backup.
  static byte[] text(WeightEntry entry) throws IOException {
    return JSON.writeValueAsBytes(document(entry));
  }

  static WeightEntry parseEntry(byte[] text) throws Damaged {
    try {
      Map<String, Object> fields =
          JSON.readValue(text, new TypeReference<LinkedHashMap<String, Object>>() {});
      String name = fields == null ? null : text(fields, "name");
      if (name == null) {
        throw new Damaged("it has no name");
      }
      return entry(name, fields);
    } catch (Damaged e) {
      throw e;
    } catch (IOException e) {
      throw new Damaged(String.valueOf(e.getMessage()));
    }
  }

  private static void putIfKnown(Map<String, Object> document, String key, @Nullable Object value) {
    if (value != null) {
      document.put(key, value);
    }
  }
}
