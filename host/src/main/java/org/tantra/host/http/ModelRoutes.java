package org.tantra.host.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.resolve.ModelStatus;

/// `GET /v1/models` and `GET /v1/models/{id}`: every model that can be asked, loaded or not.
final class ModelRoutes {
  private final Host host;
  private final long created = Instant.now().getEpochSecond();

  ModelRoutes(Host host) {
    this.host = host;
  }

  void list(Exchange exchange) {
    ObjectNode node = Json.object();
    node.put("object", "list");
    ArrayNode data = node.putArray("data");
    host.models().forEach(model -> data.add(openAi(model)));
    exchange.json(200, node);
  }

  void one(Exchange exchange, String id) {
    exchange.json(200, openAi(find(host, id)));
  }

  /// @throws TantraException `NOT_FOUND` (code `model_not_found`)
  static ModelStatus find(Host host, String id) {
    return host.model(id)
        .orElseThrow(
            () -> {
              List<String> ids = host.models().stream().map(ModelStatus::id).toList();
              return new TantraException(
                      ErrorKind.NOT_FOUND,
                      "There is no model '"
                          + id
                          + "'. "
                          + (ids.isEmpty()
                              ? "The host has none; add a plugin."
                              : "There are " + String.join(", ", ids) + "."))
                  .about("model")
                  .withCode("model_not_found");
            });
  }

  private ObjectNode openAi(ModelStatus model) {
    ObjectNode node = Json.object();
    node.put("id", model.id());
    node.put("object", "model");
    node.put("created", created);
    node.put("owned_by", model.plugin() == null ? "tantra" : model.plugin().id());
    node.put("name", model.title());
    node.set("x_tantra", details(model));
    return node;
  }

  /// What the host knows about a model, in a shape of our own.
  static ObjectNode details(ModelStatus model) {
    ObjectNode node = Json.object();
    node.put("state", model.state().name().toLowerCase(Locale.ROOT));
    node.put("detail", model.detail());
    node.put("plugin", model.plugin() == null ? null : model.plugin().id());
    node.put("version", model.plugin() == null ? null : model.plugin().version());
    node.put("active_weight", model.fingerprint());
    ArrayNode capabilities = node.putArray("capabilities");
    model.tasks().stream().sorted().forEach(capabilities::add);
    ArrayNode fallback = node.putArray("fallback");
    model.chain().stream().filter(id -> !id.equals(model.id())).forEach(fallback::add);
    node.put("needs_weights", model.needsWeights());
    node.put("parameters", model.parameters());
    node.put("bytes", model.residentBytes());
    node.put("requests", model.requests());
    return node;
  }
}
