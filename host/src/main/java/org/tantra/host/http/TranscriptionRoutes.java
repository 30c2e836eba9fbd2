package org.tantra.host.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tantra.api.TantraException;
import org.tantra.api.Transcription.Request;
import org.tantra.api.Transcription.Segment;
import org.tantra.host.Host;
import org.tantra.host.Transcript;
import org.tantra.host.resolve.TranscriptAnswer;

/// `POST /v1/audio/transcriptions` and `POST /v1/audio/translations`: forms with a recording, all
/// of OpenAI's response formats and Whisper's `tsv`, whole or as events.
final class TranscriptionRoutes {
  private final Host host;
  private final Inside inside;
  private final Metrics metrics;

  TranscriptionRoutes(Host host, Inside inside, Metrics metrics) {
    this.host = host;
    this.inside = inside;
    this.metrics = metrics;
  }

  /// What a form asks for.
  private record Wish(
      Request request, Transcript.Format format, boolean words, boolean stream, Ticket ticket) {}

  void write(Exchange exchange) {
    answer(exchange, false);
  }

  /// Always English; a `language` is ignored, as OpenAI's route has none.
  void translate(Exchange exchange) {
    answer(exchange, true);
  }

  private void answer(Exchange exchange, boolean translate) {
    Wish wish = read(exchange, translate);
    long since = System.nanoTime();
    if (wish.stream()) {
      inside.running(
          exchange,
          () -> host.transcribe(wish.ticket().call(wish.request())),
          answer -> {
            metrics.firstToken(answer.served(), System.nanoTime() - since);
            wish.ticket().head(answer.served()).announce(exchange);
            stream(exchange, answer, wish);
            return true;
          });
      return;
    }
    Transcript transcript =
        inside.running(
            exchange,
            () -> host.transcribe(wish.ticket().call(wish.request())),
            answer -> {
              metrics.firstToken(answer.served(), System.nanoTime() - since);
              wish.ticket().head(answer.served()).announce(exchange);
              return whole(answer, wish);
            });
    send(exchange, transcript, wish);
  }

  private static Wish read(Exchange exchange, boolean translate) {
    MultipartForm form = exchange.form();
    Ticket ticket = Ticket.of(exchange, form);
    Transcript.Format format = format(form);
    boolean words = false;
    for (String granularity : form.texts("timestamp_granularities")) {
      switch (granularity.strip()) {
        case "word" -> words = true;
        case "segment" -> {} // they always are
        default -> throw form.wrong("timestamp_granularities", "'segment' or 'word'");
      }
    }
    Double temperature = form.number("temperature");
    Request request =
        new Request(
            form.file("file"),
            translate,
            translate ? null : language(form),
            form.text("prompt"),
            // 0 means: as low as it goes, and higher where that does not decode well.
            temperature == null || temperature == 0 ? List.of() : List.of(temperature),
            1,
            words);
    return new Wish(request, format, words, !translate && form.flag("stream"), ticket);
  }

  private static Transcript.Format format(MultipartForm form) {
    String word = form.text("response_format");
    return Transcript.Format.of(word == null ? "json" : word.strip())
        .orElseThrow(
            () ->
                form.wrong(
                    "response_format", "'json', 'text', 'srt', 'verbose_json', 'vtt' or 'tsv'"));
  }

  private static @Nullable String language(MultipartForm form) {
    String language = form.text("language");
    return language == null ? null : language.strip().toLowerCase(Locale.ROOT);
  }

  private static Transcript whole(TranscriptAnswer answer, Wish wish) {
    List<Segment> segments = new ArrayList<>();
    for (Optional<Segment> next = answer.next(); next.isPresent(); next = answer.next()) {
      segments.add(next.get());
      wish.ticket().caller().cancellation().check();
    }
    return new Transcript(
        wish.request().translate(), answer.language(), answer.durationSeconds(), segments);
  }

  private static void send(Exchange exchange, Transcript transcript, Wish wish) {
    Transcript.Format format = wish.format();
    if (!format.json()) {
      exchange.text(200, format.contentType(), transcript.written(format));
      return;
    }
    ObjectNode node = Json.of(transcript.document(format, wish.words()));
    node.set("usage", usage(transcript.durationSeconds()));
    exchange.json(200, node);
  }

  private static ObjectNode usage(double seconds) {
    return Json.object().put("type", "duration").put("seconds", Math.ceil(seconds));
  }

  private void stream(Exchange exchange, TranscriptAnswer answer, Wish wish) {
    StringBuilder text = new StringBuilder();
    try (EventStream events = exchange.events()) {
      try {
        for (Optional<Segment> next = answer.next(); next.isPresent(); next = answer.next()) {
          String said = text.isEmpty() ? next.get().text().stripLeading() : next.get().text();
          text.append(said);
          events.data(
              Json.line(Json.object().put("type", "transcript.text.delta").put("delta", said)));
          wish.ticket().caller().cancellation().check();
        }
        ObjectNode done = Json.object().put("type", "transcript.text.done");
        done.put("text", text.toString());
        done.set("usage", usage(answer.durationSeconds()));
        events.data(Json.line(done));
        events.data("[DONE]");
      } catch (TantraException e) {
        if (exchange.connection().gone()) {
          throw e;
        }
        metrics.brokenStream(answer.served().requested());
        events.error(Json.line(ApiError.of(e, wish.ticket().caller().requestId()).body()));
      }
    }
  }
}
