package org.tantra.host;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.tantra.api.Transcription.Segment;
import org.tantra.api.Transcription.Word;
import org.tantra.media.CueStyle;
import org.tantra.media.Subtitles;

/// A transcription that is over, in the forms in which doors give it out.
///
/// @param translated whether it is English whatever was spoken
/// @param language what was spoken
/// @param durationSeconds of the recording
public record Transcript(
    boolean translated, String language, double durationSeconds, List<Segment> segments) {
  public Transcript {
    requireNonNull(language, "language");
    segments = List.copyOf(segments);
  }

  /// A form, called as OpenAI's API calls it; `tsv` is Whisper's own.
  public enum Format {
    TEXT,
    JSON,
    VERBOSE_JSON,
    SRT,
    VTT,
    TSV;

    /// `verbose_json`.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// The form of that name.
    public static Optional<Format> of(String word) {
      for (Format format : values()) {
        if (format.word().equals(word)) {
          return Optional.of(format);
        }
      }
      return Optional.empty();
    }

    /// Whether it is JSON.
    public boolean json() {
      return this == JSON || this == VERBOSE_JSON;
    }

    /// The type of a document of this form.
    public String contentType() {
      return switch (this) {
        case JSON, VERBOSE_JSON -> "application/json";
        case VTT -> "text/vtt; charset=utf-8";
        case SRT -> "application/x-subrip; charset=utf-8";
        case TSV -> "text/tab-separated-values; charset=utf-8";
        case TEXT -> "text/plain; charset=utf-8";
      };
    }
  }

  /// All that was said, in one line.
  public String text() {
    return segments.stream().map(Segment::text).collect(Collectors.joining()).strip();
  }

  /// The document of a form that is no JSON.
  public String written(Format format) {
    return switch (format) {
      case TEXT -> text() + "\n";
      case SRT -> Subtitles.srt(segments, CueStyle.PLAIN);
      case VTT -> Subtitles.vtt(segments, CueStyle.PLAIN);
      case TSV -> Subtitles.tsv(segments);
      case JSON, VERBOSE_JSON -> throw new IllegalArgumentException("JSON is no text: " + format);
    };
  }

  /// The content of a form that is JSON: maps, lists, texts and numbers.
  ///
  /// @param words whether words stand beside the segments, as OpenAI's API has them
  public Map<String, Object> document(Format format, boolean words) {
    Map<String, Object> document = new LinkedHashMap<>();
    if (format == Format.JSON) {
      document.put("text", text());
      return document;
    }
    document.put("task", translated ? "translate" : "transcribe");
    document.put("language", language);
    document.put("duration", durationSeconds);
    document.put("text", text());
    document.put("segments", segments.stream().map(Transcript::segment).toList());
    if (words) {
      document.put(
          "words",
          segments.stream()
              .flatMap(segment -> segment.words().stream())
              .map(Transcript::word)
              .toList());
    }
    return document;
  }

  private static Map<String, Object> segment(Segment segment) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("id", segment.id());
    entry.put("seek", Math.round(segment.startSeconds() * 100)); // in frames of 10 ms
    entry.put("start", segment.startSeconds());
    entry.put("end", segment.endSeconds());
    entry.put("text", segment.text());
    entry.put("tokens", segment.tokens());
    entry.put("temperature", segment.temperature());
    entry.put("avg_logprob", finite(segment.averageLogprob()));
    entry.put("compression_ratio", finite(segment.compressionRatio()));
    entry.put("no_speech_prob", finite(segment.noSpeechProbability()));
    return entry;
  }

  private static Map<String, Object> word(Word word) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("word", word.text().strip());
    entry.put("start", word.startSeconds());
    entry.put("end", word.endSeconds());
    entry.put("probability", finite(word.probability()));
    return entry;
  }

  /// JSON has no other numbers.
  private static double finite(double value) {
    return Double.isFinite(value) ? value : 0;
  }
}
