package org.tantra.host.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.TreeMap;
import org.tantra.host.Host;
import org.tantra.host.registry.PluginStatus;
import org.tantra.host.resolve.ModelStatus;

/// What an operator asks and orders.
final class AdminRoutes {
  private final Host host;
  private final Gate gate;

  AdminRoutes(Host host, Gate gate) {
    this.host = host;
    this.gate = gate;
  }

  /// The models that are loaded or being loaded, and how busy the door is.
  void ps(Exchange exchange) {
    ObjectNode node = Json.object();
    ArrayNode models = node.putArray("models");
    host.models().stream()
        .filter(
            model ->
                model.state() == ModelStatus.State.READY
                    || model.state() == ModelStatus.State.LOADING)
        .forEach(model -> models.add(model(model)));
    ObjectNode requests = node.putObject("requests");
    requests.put("inside", gate.inside());
    requests.put("waiting", gate.waiting());
    exchange.json(200, node);
  }

  void models(Exchange exchange) {
    ObjectNode node = Json.object();
    ArrayNode models = node.putArray("models");
    host.models().forEach(model -> models.add(model(model)));
    exchange.json(200, node);
  }

  void plugins(Exchange exchange) {
    ObjectNode node = Json.object();
    ArrayNode plugins = node.putArray("plugins");
    host.plugins().forEach(plugin -> plugins.add(plugin(plugin)));
    exchange.json(200, node);
  }

  void load(Exchange exchange, String id) {
    ModelRoutes.find(host, id);
    exchange.json(200, model(host.load(id)));
  }

  void unload(Exchange exchange, String id) {
    ModelRoutes.find(host, id);
    host.unload(id);
    exchange.json(200, model(ModelRoutes.find(host, id)));
  }

  private static ObjectNode model(ModelStatus model) {
    ObjectNode node = Json.object();
    node.put("id", model.id());
    node.put("title", model.title());
    node.setAll(ModelRoutes.details(model));
    return node;
  }

  private static ObjectNode plugin(PluginStatus plugin) {
    ObjectNode node = Json.object();
    node.put("id", plugin.id());
    node.put("version", plugin.version());
    node.put("state", plugin.state().name().toLowerCase(Locale.ROOT));
    node.put("message", plugin.message());
    node.put("file", plugin.file().toString());
    node.put("copy", plugin.copy());
    node.put("since", plugin.since().toString());
    ObjectNode extensions = node.putObject("extensions");
    new TreeMap<>(plugin.extensions())
        .forEach(
            (point, ids) -> {
              ArrayNode array = extensions.putArray(point);
              ids.forEach(array::add);
            });
    return node;
  }
}
