package org.tantra.host.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.SpeechSynthesis.Request;
import org.tantra.api.SpeechSynthesis.Speech;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.resolve.Served;
import org.tantra.host.resolve.SpeechAnswer;
import org.tantra.media.SoundEncoder;
import org.tantra.media.SoundFormat;

/// `POST /v1/audio/speech`: speech in any [SoundFormat], sentence by sentence, as a body or as
/// events.
///
/// MP3 and AAC, which have no encoder that is kept and free, are refused. Where a request names no
/// format, which means MP3 with OpenAI, WAV is sent and said so.
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
    SoundFormat format = format(fields);
    boolean events = events(fields);
    long since = System.nanoTime();
    inside.running(
        exchange,
        () -> host.speak(ticket.call(request)),
        answer -> {
          metrics.firstToken(answer.served(), System.nanoTime() - since);
          announce(exchange, ticket, answer.served());
          if (events) {
            sendEvents(exchange, answer, format, ticket.caller());
          } else {
            sendBytes(exchange, answer, format, ticket.caller());
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

  private static SoundFormat format(Fields fields) {
    String named = fields.text("response_format");
    if (named == null) {
      return SoundFormat.WAV;
    }
    return switch (named.toLowerCase(Locale.ROOT)) {
      case "mp3", "aac" ->
          throw new TantraException(
                  ErrorKind.UNSUPPORTED,
                  "'response_format' is '"
                      + named
                      + "'; this host has no encoder for it. Ask for 'wav', 'flac', 'opus' or"
                      + " 'pcm'.")
              .about("response_format")
              .withCode("unsupported_value");
      default ->
          SoundFormat.of(named)
              .orElseThrow(() -> fields.wrong("response_format", "'wav', 'flac', 'opus' or 'pcm'"));
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
      Exchange exchange, SpeechAnswer answer, SoundFormat format, Caller caller) {
    int rate = answer.sampleRateHz();
    String rest = format == SoundFormat.PCM ? ";rate=" + rate + ";channels=1" : "";
    ByteStream stream = exchange.bytes(format.mediaType() + rest);
    encode(answer, format, caller, stream::send);
    stream.close();
  }

  /// Hands out the bytes of the file as they are decided.
  private static void encode(
      SpeechAnswer answer, SoundFormat format, Caller caller, Consumer<byte[]> out) {
    SoundEncoder encoder = format.encoder(answer.sampleRateHz());
    out.accept(encoder.header());
    for (Optional<Speech> part = answer.next(); part.isPresent(); part = answer.next()) {
      out.accept(encoder.add(part.get().samples().toFloats()));
      caller.cancellation().check();
    }
    out.accept(encoder.finish());
  }

  private void sendEvents(
      Exchange exchange, SpeechAnswer answer, SoundFormat format, Caller caller) {
    try (EventStream stream = exchange.events()) {
      try {
        encode(
            answer,
            format,
            caller,
            bytes -> {
              if (bytes.length > 0) {
                stream.data(delta(bytes));
              }
            });
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
