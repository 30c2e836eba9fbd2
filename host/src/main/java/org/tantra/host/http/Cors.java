package org.tantra.host.http;

import java.util.List;
import java.util.Set;

/// Lets pages of the configured origins call from a browser.
final class Cors {
  private final List<String> origins;

  /// @param origins `*` for all
  Cors(List<String> origins) {
    this.origins = List.copyOf(origins);
  }

  /// Adds the headers that let the caller's page see the answer.
  void allow(Exchange exchange) {
    if (origins.isEmpty()) {
      return;
    }
    exchange.header("Vary", "Origin");
    String origin = exchange.header("Origin");
    if (origin == null || !(origins.contains("*") || origins.contains(origin))) {
      return;
    }
    exchange.header("Access-Control-Allow-Origin", origins.contains("*") ? "*" : origin);
    exchange.header(
        "Access-Control-Expose-Headers",
        "x-request-id, Retry-After, X-Tantra-Model-Requested, X-Tantra-Model-Served,"
            + " X-Tantra-Weights, X-Tantra-Fallback-Depth, X-Tantra-Fallback-Reason,"
            + " X-Tantra-Fallback-Trace");
  }

  /// Answers `OPTIONS`, preflight or not.
  void options(Exchange exchange, Set<String> methods) {
    String allowed = String.join(", ", methods);
    exchange.header("Allow", allowed);
    if (!origins.isEmpty()) {
      String wanted = exchange.header("Access-Control-Request-Headers");
      exchange.header("Access-Control-Allow-Methods", allowed);
      exchange.header(
          "Access-Control-Allow-Headers", wanted == null ? "Authorization, Content-Type" : wanted);
      exchange.header("Access-Control-Max-Age", "600");
    }
    exchange.empty();
  }
}
