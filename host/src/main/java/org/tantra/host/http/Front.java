package org.tantra.host.http;

import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// What every request passes: its id, origin, key, route and deadline; and what every error
/// becomes.
final class Front implements Handler {
  private static final Logger LOG = LoggerFactory.getLogger(Front.class);

  /// For callers that gave up; nobody sees it but the metrics.
  private static final int LEFT = 499;

  private final Router router;
  private final Keys keys;
  private final Cors cors;
  private final Gate gate;
  private final Metrics metrics;
  private final Exchange.Limits limits;
  private volatile boolean closing;

  Front(Router router, Keys keys, Cors cors, Gate gate, Metrics metrics, Exchange.Limits limits) {
    this.router = router;
    this.keys = keys;
    this.cors = cors;
    this.gate = gate;
    this.metrics = metrics;
    this.limits = limits;
  }

  /// Refuses what comes from now on.
  void close() {
    closing = true;
  }

  @Override
  public void handle(ServerRequest request, ServerResponse response) {
    Connection connection = Connection.CURRENT.get();
    Exchange exchange = new Exchange(request, response, connection, limits);
    String requestId = requestId(exchange);
    exchange.header("x-request-id", requestId);
    String trace = exchange.header("traceparent");
    if (trace != null) {
      exchange.header("traceparent", trace);
    }
    cors.allow(exchange);
    long since = System.nanoTime();
    String route = "unknown";
    try {
      if (closing) {
        throw new TantraException(ErrorKind.BUSY, "The host is closing.");
      }
      Set<String> methods = router.methods(exchange.rawPath());
      if (exchange.method().equals("OPTIONS") && !methods.isEmpty()) {
        cors.options(exchange, methods);
        return;
      }
      Router.Match match = router.find(exchange.method(), exchange.rawPath());
      route = match.name();
      keys.check(exchange, match.access());
      Caller caller = caller(exchange, requestId);
      ScopedValue.where(Caller.CURRENT, caller)
          .run(() -> match.handler().handle(exchange, match.argument()));
    } catch (RuntimeException e) {
      fail(exchange, e, requestId);
    } finally {
      int status = exchange.status() == 0 ? LEFT : exchange.status();
      metrics.request(route, status, exchange);
      LOG.debug(
          "{} {} {} {} in {} ms",
          requestId,
          exchange.method(),
          route,
          status,
          (System.nanoTime() - since) / 1_000_000);
    }
    if (exchange.bodyRefused()) {
      throw new CloseConnectionException("The request's body was refused");
    }
  }

  private void fail(Exchange exchange, RuntimeException error, String requestId) {
    if (error instanceof CloseConnectionException) {
      throw error;
    }
    if (exchange.connection().gone()
        && error instanceof TantraException known
        && known.kind() == ErrorKind.CANCELLED) {
      throw new CloseConnectionException("The client has left", error);
    }
    if (exchange.status() != 0) {
      LOG.warn("{} failed after its answer had begun", requestId, error);
      throw new CloseConnectionException("An answer broke off", error);
    }
    ApiError shown = ApiError.of(error, requestId);
    if (!(error instanceof TantraException)) {
      LOG.error("{} {} failed", requestId, exchange.rawPath(), error);
    } else if (shown.row().status() == 500) {
      LOG.warn("{} {} failed", requestId, exchange.rawPath(), error);
    }
    switch (shown.row().retry()) {
      case LATER -> exchange.header("Retry-After", Long.toString(gate.retryAfter().toSeconds()));
      case NEVER -> exchange.header("x-should-retry", "false");
      case BY_STATUS -> {}
    }
    if (shown.row().status() == 405) {
      exchange.header("Allow", String.join(", ", router.methods(exchange.rawPath())));
    }
    if (!shown.attempts().isEmpty()) {
      exchange.header("X-Tantra-Fallback-Trace", shown.trace());
    }
    exchange.refuse(shown);
  }

  private static Caller caller(Exchange exchange, String requestId) {
    Connection connection = exchange.connection();
    Instant deadline = deadline(exchange.header("X-Tantra-Timeout"));
    Cancellation cancellation =
        deadline == null
            ? connection::gone
            : () -> connection.gone() || Instant.now().isAfter(deadline);
    return new Caller(requestId, deadline, cancellation);
  }

  /// When a caller stops waiting that said after how many seconds it will.
  private static @Nullable Instant deadline(@Nullable String seconds) {
    if (seconds == null) {
      return null;
    }
    try {
      double value = Double.parseDouble(seconds);
      if (value > 0 && value <= 86_400) {
        return Instant.now().plus(Duration.ofNanos((long) (value * 1e9)));
      }
    } catch (NumberFormatException _) {
      // Said below.
    }
    throw new TantraException(
            ErrorKind.INVALID,
            "The header X-Tantra-Timeout is '"
                + seconds
                + "'; it must be a number of seconds up to 86400.")
        .about("X-Tantra-Timeout");
  }

  private static String requestId(Exchange exchange) {
    String given = exchange.header("X-Request-Id");
    return given != null && given.matches("[!-~]{1,200}") ? given : newRequestId();
  }

  static String newRequestId() {
    return "req_" + UUID.randomUUID().toString().replace("-", "");
  }
}
