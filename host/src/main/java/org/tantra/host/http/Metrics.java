package org.tantra.host.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.tantra.api.Usage;
import org.tantra.host.Host;
import org.tantra.host.resolve.ModelStatus;
import org.tantra.host.resolve.Served;

/// What `/metrics` shows.
final class Metrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics garbage = new JvmGcMetrics();
  private final Host host;
  private final MultiGauge resident;

  Metrics(Host host, Gate gate) {
    this.host = host;
    new ClassLoaderMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    garbage.bindTo(registry);
    resident =
        MultiGauge.builder("tantra.model.resident")
            .baseUnit("bytes")
            .description("Memory that a loaded model takes")
            .register(registry);
    Gauge.builder("tantra.http.inside", gate, Gate::inside)
        .description("Requests being answered")
        .register(registry);
    Gauge.builder("tantra.http.waiting", gate, Gate::waiting)
        .description("Requests waiting for a place")
        .register(registry);
  }

  /// A request was handled.
  void request(String route, int status, Exchange exchange) {
    Exchange.Labels labels = exchange.labels();
    Counter.builder("tantra.http.requests")
        .description("Requests by route, status, and who was asked and who answered")
        .tag("route", route)
        .tag("status", Integer.toString(status))
        .tag("model", known(labels.requested()))
        .tag("served", labels.served())
        .tag("fallback", labels.fallback())
        .register(registry)
        .increment();
  }

  /// A stream ended with an error after its first event.
  void brokenStream(String model) {
    Counter.builder("tantra.http.broken.streams")
        .description("Streams that ended with an error event")
        .tag("model", known(model))
        .register(registry)
        .increment();
  }

  void firstToken(Served served, long nanos) {
    Timer.builder("tantra.first.token")
        .description("From a place inside to the first piece")
        .serviceLevelObjectives(
            Duration.ofMillis(10),
            Duration.ofMillis(50),
            Duration.ofMillis(100),
            Duration.ofMillis(250),
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofMillis(2500),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(120))
        .tag("model", served.model())
        .register(registry)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  void tokens(Served served, Usage usage) {
    count(served, "prompt", usage.promptTokens());
    count(served, "completion", usage.completionTokens());
  }

  /// Everything, as Prometheus reads it.
  String scrape() {
    resident.register(
        host.models().stream()
            .filter(model -> model.state() == ModelStatus.State.READY)
            .map(model -> row(model))
            .toList(),
        true);
    return registry.scrape();
  }

  @Override
  public void close() {
    garbage.close();
    registry.close();
  }

  private void count(Served served, String kind, int tokens) {
    Counter.builder("tantra.tokens")
        .description("Tokens read and written")
        .tag("model", served.model())
        .tag("kind", kind)
        .register(registry)
        .increment(tokens);
  }

  private static MultiGauge.Row<?> row(ModelStatus model) {
    return MultiGauge.Row.of(Tags.of("model", model.id()), model.residentBytes());
  }

  /// A model's id; a name that callers made up gets no time series of its own.
  private String known(String model) {
    return model.isEmpty() || host.model(model).isPresent() ? model : "unknown";
  }
}
