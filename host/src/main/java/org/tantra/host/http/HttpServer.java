package org.tantra.host.http;

import static java.util.Objects.requireNonNull;

import io.helidon.http.DirectHandler;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.config.HostConfig;

/// Serves a host over HTTP. Closing it leaves the host open.
///
/// ```java
/// try (HttpServer server = new HttpServer(host, host.config().http())) {
///   int port = server.start();
///   …
/// }
/// ```
public final class HttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

  /// How long streams under way may go on once the server closes.
  private static final Duration GRACE = Duration.ofSeconds(5);

  /// So many of the largest bodies are held at once.
  private static final long BODIES = 2;

  static final Duration KEEP_ALIVE = Duration.ofSeconds(15);
  static final Duration STALLED = Duration.ofSeconds(60);

  private final HostConfig.Http config;
  private final Metrics metrics;
  private final RemoteFiles remote;
  private final Front front;
  private final WebServer server;

  /// Prepares a server; nothing listens yet.
  ///
  /// @param host whom it serves; `models.concurrent` of its configuration bounds the requests
  ///   inside
  /// @param config how to listen
  public HttpServer(Host host, HostConfig.Http config) {
    this(host, config, new RemoteFiles(config.remoteMedia()), KEEP_ALIVE, STALLED);
  }

  /// See [Exchange.Limits].
  ///
  /// @param remote closed with the server
  HttpServer(
      Host host, HostConfig.Http config, RemoteFiles remote, Duration keepAlive, Duration stalled) {
    this.config = requireNonNull(config, "config");
    Gate gate = new Gate(host.config().models().concurrent(), config.queue());
    metrics = new Metrics(host, gate);
    this.remote = remote;
    front =
        new Front(
            routes(host, gate, metrics, remote),
            new Keys(config.apiKeys()),
            new Cors(config.corsOrigins()),
            gate,
            metrics,
            new Exchange.Limits(
                config.maximumBodyBytes(),
                new BodyBudget(BODIES * config.maximumBodyBytes()),
                keepAlive,
                stalled));
    server = server(config, front);
  }

  /// Starts listening.
  ///
  /// @return the port; the configured one, or the free one that was taken for 0
  /// @throws TantraException `EXHAUSTED` if the port cannot be had
  public int start() {
    try {
      server.start();
    } catch (RuntimeException e) {
      throw new TantraException(
          ErrorKind.EXHAUSTED,
          "Cannot listen on "
              + config.host()
              + ":"
              + config.port()
              + ". Something else may be listening there; choose another http.port or --port.",
          e);
    }
    LOG.info("Listening on http://{}:{}", config.host(), server.port());
    return server.port();
  }

  /// Stops listening, refuses new requests, gives open streams a few seconds, and ends the rest.
  /// Calling it again does nothing.
  @Override
  public void close() {
    front.close();
    server.stop();
    metrics.close();
    remote.close();
  }

  private static WebServer server(HostConfig.Http config, Front front) {
    DirectHandlers.Builder refusals = DirectHandlers.builder();
    for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
      refusals.addHandler(type, new Refusals());
    }
    return WebServer.builder()
        .host(config.host())
        .port(config.port())
        .shutdownHook(false)
        .shutdownGracePeriod(GRACE)
        .featuresDiscoverServices(false)
        .directHandlers(refusals.build())
        .protocolsDiscoverServices(false)
        .addConnectionSelector(
            new WatchedHttp1(
                Http1ConnectionSelector.builder()
                    .config(Http1Config.builder().maxPrologueLength(8192).build())
                    .build()))
        .routing(HttpRouting.builder().any(front))
        .build();
  }

  private static Router routes(Host host, Gate gate, Metrics metrics, RemoteFiles remote) {
    ModelRoutes models = new ModelRoutes(host);
    TextRoutes text = new TextRoutes(new Answers(host, gate, metrics), host.configs(), remote);
    Inside inside = new Inside(gate);
    MediaRoutes media = new MediaRoutes(host, inside, remote);
    SpeechRoute speech = new SpeechRoute(host, inside, metrics);
    TranscriptionRoutes transcription = new TranscriptionRoutes(host, inside, metrics);
    HealthRoutes health = new HealthRoutes(host);
    AdminRoutes admin = new AdminRoutes(host, gate);
    Router router = new Router();
    router
        .openAi("GET", "/models", (exchange, _) -> models.list(exchange))
        .openAi("GET", "/models/{id}", models::one)
        .openAi("POST", "/chat/completions", (exchange, _) -> text.chat(exchange))
        .openAi("POST", "/completions", (exchange, _) -> text.completions(exchange))
        .openAi("POST", "/embeddings", (exchange, _) -> media.embeddings(exchange))
        .openAi("POST", "/ocr", (exchange, _) -> media.ocr(exchange))
        .openAi("POST", "/audio/speech", (exchange, _) -> speech.speak(exchange))
        .openAi("POST", "/audio/transcriptions", (exchange, _) -> transcription.write(exchange))
        .openAi("POST", "/audio/translations", (exchange, _) -> transcription.translate(exchange));
    for (String path : new String[] {"/livez", "/healthz", "/health", "/ping"}) {
      router.add("GET", path, Router.Access.OPEN, (exchange, _) -> health.live(exchange));
    }
    return router
        .add("GET", "/readyz", Router.Access.OPEN, (exchange, _) -> health.ready(exchange))
        .add(
            "GET",
            "/metrics",
            Router.Access.CALLER,
            (exchange, _) ->
                exchange.text(200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape()))
        .add("GET", "/admin/ps", Router.Access.OPERATOR, (exchange, _) -> admin.ps(exchange))
        .add(
            "GET", "/admin/models", Router.Access.OPERATOR, (exchange, _) -> admin.models(exchange))
        .add("POST", "/admin/models/{id}/load", Router.Access.OPERATOR, admin::load)
        .add("POST", "/admin/models/{id}/unload", Router.Access.OPERATOR, admin::unload)
        .add(
            "GET",
            "/admin/plugins",
            Router.Access.OPERATOR,
            (exchange, _) -> admin.plugins(exchange))
        .add(
            "GET",
            "/",
            Router.Access.OPEN,
            (exchange, _) -> exchange.text(200, "text/html; charset=utf-8", HomePage.of(router)));
  }
}
