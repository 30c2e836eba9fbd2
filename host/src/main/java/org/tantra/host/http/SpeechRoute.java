package org.tantra.host.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.SpeechSynthesis.Request;
import org.tantra.api.SpeechSynthesis.Speech;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.resolve.Served;
import org.tantra.host.resolve.SpeechAnswer;
import org.tantra.media.WavWriter;

/// `POST /v1/audio/speech`: speech as WAV or bare samples, sentence by sentence, as a body or as
/// events.
///
/// There is no encoder for compressed sound that is kept and free of the GPL, so other formats are
/// refused. Where a request names none, which means MP3 with OpenAI, WAV is sent and said so.
final class SpeechRoute {
  /// Voices of OpenAI's, one of which clients must name: each is the model's own first voice.
  private static final Set<String> ANY_VOICE =
      Set.of(
          "alloy", "ash", "ballad", "cedar", "coral", "default", "echo", "fable", "marin", "nova",
          "onyx", "sage", "shimmer", "verse");

  private final Host host;
  private final Inside inside;
  private final Metrics metrics;

  SpeechRoute(Host host, Inside inside, Metrics metrics) {
    this.host = host;
    this.inside = inside;
    this.metrics = metrics;
  }

  void speak(Exchange exchange) {
    Fields fields = exchange.fields();
    Ticket ticket = Ticket.of(exchange, fields);
    Request request =
        new Request(fields.requiredText("input"), voice(fields), fields.number("speed", 1));
    boolean wav = wav(fields);
    boolean events = events(fields);
    long since = System.nanoTime();
    inside.running(
        exchange,
        () -> host.speak(ticket.call(request)),
        answer -> {
          metrics.firstToken(answer.served(), System.nanoTime() - since);
          announce(exchange, ticket, answer.served());
          if (events) {
            sendEvents(exchange, answer, wav, ticket.caller());
          } else {
            sendBytes(exchange, answer, wav, ticket.caller());
          }
          return true;
        });
  }

  private static void announce(Exchange exchange, Ticket ticket, Served served) {
    ticket.head(served).announce(exchange);
  }

  private static @Nullable String voice(Fields fields) {
    Fields object =
        fields.value("voice") != null && fields.value("voice") instanceof ObjectNode
            ? fields.object("voice")
            : null;
    String voice = object == null ? fields.text("voice") : object.requiredText("id");
    return voice == null || ANY_VOICE.contains(voice) ? null : voice;
  }

  /// Whether WAV is wanted; otherwise bare samples.
  private static boolean wav(Fields fields) {
    String format = fields.text("response_format");
    return switch (format == null ? "wav" : format.toLowerCase(Locale.ROOT)) {
      case "wav" -> true;
      case "pcm" -> false;
      case "mp3", "opus", "aac", "flac" ->
          throw new TantraException(
                  ErrorKind.UNSUPPORTED,
                  "'response_format' is '"
                      + format
                      + "'; this host has no encoder for it. Ask for 'wav' or 'pcm'.")
              .about("response_format")
              .withCode("unsupported_value");
      default -> throw fields.wrong("response_format", "'wav' or 'pcm'");
    };
  }

  private static boolean events(Fields fields) {
    String stream = fields.text("stream_format");
    return switch (stream == null ? "audio" : stream) {
      case "audio" -> false;
      case "sse" -> true;
      default -> throw fields.wrong("stream_format", "'audio' or 'sse'");
    };
  }

  /// A failure midway leaves the body without its end, which clients notice.
  private static void sendBytes(
      Exchange exchange, SpeechAnswer answer, boolean wav, Caller caller) {
    int rate = answer.sampleRateHz();
    ByteStream stream =
        exchange.bytes(wav ? "audio/wav" : "audio/pcm;rate=" + rate + ";channels=1");
    if (wav) {
      stream.send(WavWriter.streamHeader16(rate, 1));
    }
    for (Optional<Speech> part = answer.next(); part.isPresent(); part = answer.next()) {
      stream.send(WavWriter.pcm16(part.get().samples().toFloats()));
      caller.cancellation().check();
    }
    stream.close();
  }

  private void sendEvents(Exchange exchange, SpeechAnswer answer, boolean wav, Caller caller) {
    try (EventStream stream = exchange.events()) {
      try {
        if (wav) {
          stream.data(delta(WavWriter.streamHeader16(answer.sampleRateHz(), 1)));
        }
        for (Optional<Speech> part = answer.next(); part.isPresent(); part = answer.next()) {
          stream.data(delta(WavWriter.pcm16(part.get().samples().toFloats())));
          caller.cancellation().check();
        }
        ObjectNode done = Json.object().put("type", "speech.audio.done");
        // Voices do not say how many tokens a text has; clients want the fields.
        done.putObject("usage")
            .put("input_tokens", 0)
            .put("output_tokens", 0)
            .put("total_tokens", 0);
        stream.data(Json.line(done));
      } catch (TantraException e) {
        if (exchange.connection().gone()) {
          throw e;
        }
        metrics.brokenStream(answer.served().requested());
        stream.error(Json.line(ApiError.of(e, caller.requestId()).body()));
      }
    }
  }

  private static String delta(byte[] sound) {
    return Json.line(
        Json.object()
            .put("type", "speech.audio.delta")
            .put("audio", Base64.getEncoder().encodeToString(sound)));
  }
}
