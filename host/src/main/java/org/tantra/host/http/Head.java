package org.tantra.host.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.tantra.host.resolve.Attempt;
import org.tantra.host.resolve.Served;

/// What every piece of one answer has in common.
///
/// @param id the answer's id
/// @param created Unix seconds
/// @param served who answers
record Head(String id, long created, Served served) {
  /// Says in headers and metrics who answers.
  void announce(Exchange exchange) {
    String reason = served.attempts().isEmpty() ? "" : served.attempts().getFirst().kind().code();
    exchange.label(new Exchange.Labels(served.requested(), served.model(), reason));
    exchange.header("X-Tantra-Model-Requested", served.requested());
    exchange.header("X-Tantra-Model-Served", served.model());
    exchange.header("X-Tantra-Weights", served.fingerprint());
    if (served.untrained()) {
      exchange.header("X-Tantra-Untrained", "true");
    }
    exchange.header("X-Tantra-Fallback-Depth", Integer.toString(served.attempts().size()));
    if (!reason.isEmpty()) {
      exchange.header("X-Tantra-Fallback-Reason", reason);
    }
  }

  /// Sends a whole JSON answer, with who gave it.
  void answer(Exchange exchange, ObjectNode node) {
    announce(exchange);
    node.set("x_tantra", receipt());
    exchange.json(200, node);
  }

  /// The beginning of a JSON answer of a kind.
  ObjectNode open(String kind) {
    ObjectNode node = Json.object();
    node.put("id", id);
    node.put("object", kind);
    node.put("created", created);
    node.put("model", served.model());
    node.put("system_fingerprint", served.systemFingerprint());
    return node;
  }

  /// Who answered and who declined, as JSON of our own that clients keep or skip.
  ObjectNode receipt() {
    ObjectNode node = Json.object();
    node.put("requested", served.requested());
    node.put("served", served.model());
    node.put("plugin", served.plugin().id());
    node.put("plugin_version", served.plugin().version());
    node.put("weights", served.fingerprint());
    if (served.untrained()) {
      node.put("untrained", true);
    }
    node.set("attempts", attempts(served.attempts()));
    return node;
  }

  static ArrayNode attempts(List<Attempt> attempts) {
    ArrayNode array = Json.array();
    for (Attempt attempt : attempts) {
      ObjectNode node = array.addObject();
      node.put("model", attempt.model());
      node.put("kind", attempt.kind().code());
      node.put("reason", attempt.reason());
    }
    return array;
  }
}
