package org.tantra.host.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.tantra.host.Host;

/// Whether the process lives, and whether it can answer.
final class HealthRoutes {
  private final Host host;

  HealthRoutes(Host host) {
    this.host = host;
  }

  /// Never depends on models.
  void live(Exchange exchange) {
    ObjectNode node = Json.object();
    node.put("status", "ok");
    node.put("version", Host.VERSION);
    exchange.json(200, node);
  }

  void ready(Exchange exchange) {
    Host.Readiness readiness = host.readiness();
    ObjectNode node = Json.object();
    node.put("ready", readiness.ready());
    ArrayNode waiting = node.putArray("waiting_for");
    readiness.waitingFor().forEach(waiting::add);
    ArrayNode models = node.putArray("models");
    host.models()
        .forEach(
            model -> {
              ObjectNode entry = models.addObject();
              entry.put("id", model.id());
              entry.put("state", model.state().name().toLowerCase(Locale.ROOT));
              entry.put("detail", model.detail());
            });
    if (!readiness.ready()) {
      exchange.header("Retry-After", "1");
    }
    exchange.json(readiness.ready() ? 200 : 503, node);
  }
}
