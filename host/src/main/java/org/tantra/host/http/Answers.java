package org.tantra.host.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.TantraException;
import org.tantra.api.TextRequest;
import org.tantra.api.Usage;
import org.tantra.host.Host;
import org.tantra.host.resolve.Call;
import org.tantra.host.resolve.Served;
import org.tantra.host.resolve.TextAnswer;

/// Asks the host and passes on what comes: choice after choice, in a place of the [Gate]. A whole
/// answer is sent after its place is free again; a stream keeps it, as it is computed meanwhile.
final class Answers {
  private final Host host;
  private final Gate gate;
  private final Metrics metrics;

  Answers(Host host, Gate gate, Metrics metrics) {
    this.host = host;
    this.gate = gate;
    this.metrics = metrics;
  }

  void answer(Exchange exchange, Ask ask, Shape shape) {
    exchange.label(new Exchange.Labels(ask.model(), "", ""));
    Caller caller = Caller.CURRENT.get();
    boolean fallback = ask.fallback() && fallbackAllowed(exchange);
    Asked asked = new Asked(exchange, ask, shape, caller, fallback);
    if (ask.stream()) {
      stream(asked);
    } else {
      whole(asked);
    }
  }

  private void whole(Asked asked) {
    WholeSink sink = new WholeSink(asked.exchange(), asked.shape(), asked.ask());
    try (Gate.Pass _ = gate.enter(asked.caller(), asked.exchange().connection())) {
      run(asked, sink);
    }
    sink.send();
  }

  private void stream(Asked asked) {
    Exchange exchange = asked.exchange();
    try (Gate.Pass _ = gate.enter(asked.caller(), exchange.connection());
        StreamSink sink = new StreamSink(exchange, asked.shape(), asked.ask())) {
      try {
        run(asked, sink);
      } catch (RuntimeException | Error e) {
        if (!sink.begun() || exchange.connection().gone()) {
          throw e;
        }
        metrics.brokenStream(asked.ask().model());
        sink.fail(ApiError.of(e, asked.caller().requestId()));
      }
    }
  }

  private record Asked(Exchange exchange, Ask ask, Shape shape, Caller caller, boolean fallback) {}

  private void run(Asked asked, Sink sink) {
    inTime(
        asked.caller(),
        () -> {
          answerAll(asked, sink);
          return true;
        });
  }

  /// Runs something that looks at the caller's cancellation. If that ended it because the deadline
  /// has passed, the error says so.
  static <R> R inTime(Caller caller, Supplier<R> body) {
    try {
      return body.get();
    } catch (TantraException e) {
      Instant deadline = caller.deadline();
      boolean late = deadline != null && Instant.now().isAfter(deadline);
      throw late && e.kind() == ErrorKind.CANCELLED ? late() : e;
    }
  }

  /// The deadline passed.
  static TantraException late() {
    return new TantraException(
            ErrorKind.CANCELLED,
            "The answer was not complete within the time that X-Tantra-Timeout allows.")
        .withCode("timeout");
  }

  private void answerAll(Asked asked, Sink sink) {
    long since = System.nanoTime();
    Served served = null;
    Totals totals = new Totals();
    for (int i = 0; i < asked.ask().choices().size(); i++) {
      TextRequest request = asked.ask().choices().get(i);
      try (TextAnswer answer = start(asked, request, served);
          Connection.Watch _ = asked.exchange().connection().watch(answer::cancel)) {
        Optional<Generation.Piece> piece = answer.next();
        if (served == null) {
          served = answer.served();
          metrics.firstToken(served, System.nanoTime() - since);
          sink.begin(head(asked.shape(), served));
        }
        sink.open(i, request.scorePrompt() ? answer.promptTokens() : List.of());
        while (piece.isPresent()) {
          sink.piece(piece.get());
          asked.caller().cancellation().check();
          piece = answer.next();
        }
        if (answer.finishReason() == FinishReason.CANCELLED) {
          throw new TantraException(ErrorKind.CANCELLED, "The answer was cancelled.");
        }
        sink.close(answer.finishReason());
        totals.add(answer.usage(), i % asked.ask().sampled() == 0);
        metrics.tokens(answer.served(), answer.usage());
      }
    }
    sink.end(totals.usage());
  }

  /// Starts one choice. One answer speaks with one voice: whoever answered the first choice answers
  /// all, unless it is gone meanwhile, by an update of its plugin for example. Then the choice is
  /// asked like the first, stand-ins included, and another model may continue; the answer's head
  /// names the one that answered the first choice.
  private TextAnswer start(Asked asked, TextRequest request, @Nullable Served first) {
    Cancellation cancellation = asked.caller().cancellation();
    if (first != null) {
      try {
        return host.generate(new Call<>(first.model(), request, false, cancellation));
      } catch (TantraException e) {
        if (e.kind() == ErrorKind.CANCELLED || e.kind() == ErrorKind.INVALID) {
          throw e; // nobody else would do better
        }
      }
    }
    return host.generate(new Call<>(asked.ask().model(), request, asked.fallback(), cancellation));
  }

  private static Head head(Shape shape, Served served) {
    String id = shape.idPrefix() + UUID.randomUUID().toString().replace("-", "");
    return new Head(id, Instant.now().getEpochSecond(), served);
  }

  /// Whether the request's headers let stand-ins answer.
  static boolean fallbackAllowed(Exchange exchange) {
    String header = exchange.header("X-Tantra-Fallback");
    if (header == null) {
      return true;
    }
    return switch (header.strip()) {
      case "on", "true", "1" -> true;
      case "off", "false", "0" -> false;
      default ->
          throw new TantraException(
                  ErrorKind.INVALID,
                  "The header X-Tantra-Fallback is '" + header + "'; it must be 'on' or 'off'.")
              .about("X-Tantra-Fallback");
    };
  }

  /// Token counts as JSON.
  static ObjectNode usage(Usage usage) {
    ObjectNode node = Json.object();
    node.put("prompt_tokens", usage.promptTokens());
    node.put("completion_tokens", usage.completionTokens());
    node.put("total_tokens", usage.promptTokens() + usage.completionTokens());
    if (!usage.measures().isEmpty()) {
      ObjectNode measures = node.putObject("measures");
      usage.measures().forEach((name, value) -> measures.set(name, Logprobs.number(value)));
    }
    return node;
  }

  /// Usage of all choices together. A prompt counts once, however many choices continue it.
  private static final class Totals {
    private final Map<String, Double> measures = new HashMap<>();
    private int promptTokens;
    private int completionTokens;

    void add(Usage usage, boolean newPrompt) {
      promptTokens += newPrompt ? usage.promptTokens() : 0;
      completionTokens += usage.completionTokens();
      measures.putAll(usage.measures());
    }

    Usage usage() {
      return new Usage(promptTokens, completionTokens, measures);
    }
  }
}
