package org.tantra.host.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.tantra.host.registry.PluginStatus;

/// One plugin file as the command line shows it, whoever told it: a host in this process or one
/// that serves.
///
/// @param id the plugin's id; `?` while the file cannot be read as a plugin
/// @param version its version; `?` likewise
/// @param state as `PluginStatus.State`, in lower case
/// @param file with its folder
/// @param message why; may be empty
/// @param extensions ids by extension point
/// @param copy number of the running copy; 0 unless active
/// @param since when state, message or copy last changed, as its host writes it
record PluginLine(
    String id,
    String version,
    String state,
    String file,
    String message,
    Map<String, List<String>> extensions,
    long copy,
    String since) {

  private static final String NO_ID = "?";

  static PluginLine of(PluginStatus status) {
    Map<String, List<String>> extensions = new TreeMap<>();
    status.extensions().forEach((point, ids) -> extensions.put(point, List.copyOf(ids)));
    return new PluginLine(
        status.id() == null ? NO_ID : status.id(),
        status.version() == null ? "?" : status.version(),
        status.state().name().toLowerCase(Locale.ROOT),
        status.file().toString(),
        status.message(),
        extensions,
        status.copy(),
        status.since().toString());
  }

  /// An element of `plugins` of `/admin/plugins`.
  static PluginLine of(JsonNode node) {
    Map<String, List<String>> extensions = new LinkedHashMap<>();
    for (var point : node.path("extensions").properties()) {
      List<String> ids = new ArrayList<>();
      point.getValue().forEach(id -> ids.add(id.asText()));
      extensions.put(point.getKey(), ids);
    }
    return new PluginLine(
        node.path("id").asText(NO_ID),
        node.path("version").asText("?"),
        node.path("state").asText().toLowerCase(Locale.ROOT),
        node.path("file").asText(),
        node.path("message").asText(""),
        extensions,
        node.path("copy").asLong(),
        node.path("since").asText(""));
  }

  Map<String, Object> document() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("id", id);
    document.put("version", version);
    document.put("state", state);
    document.put("file", file);
    document.put("message", message);
    document.put("extensions", extensions);
    document.put("copy", copy);
    document.put("since", since);
    return document;
  }

  /// What it contributes, in one line.
  String contributes() {
    List<String> all = new ArrayList<>();
    extensions.forEach((point, ids) -> all.add(point + " " + String.join(", ", ids)));
    all.sort(null);
    return String.join("; ", all);
  }

  /// Whether the file could be read as a plugin.
  boolean hasId() {
    return !id.equals(NO_ID);
  }

  String fileName() {
    return Path.of(file).getFileName().toString();
  }

  boolean settled() {
    return !state.equals("settling");
  }
}
