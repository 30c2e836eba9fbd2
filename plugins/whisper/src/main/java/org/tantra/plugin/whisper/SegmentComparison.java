package org.tantra.plugin.whisper;

import java.util.List;
import org.tantra.api.Settings;
import org.tantra.api.Transcription.Segment;
import org.tantra.api.Transcription.Word;
import org.tantra.nn.parity.Comparison;

/// Holds segments against those of the reference.
final class SegmentComparison {
  private SegmentComparison() {}

  /// @param times tolerance of times
  /// @param wordTimes tolerance of words' times
  /// @param figures tolerance of probabilities and their logarithms
  static void compare(
      Comparison times,
      Comparison wordTimes,
      Comparison figures,
      String name,
      List<Segment> actual,
      List<Settings> expected) {
    times.checkExactly(name + "segments", new int[] {actual.size()}, new int[] {expected.size()});
    boolean timed = actual.stream().anyMatch(segment -> !segment.words().isEmpty());
    for (int i = 0; i < Math.min(actual.size(), expected.size()); i++) {
      Segment segment = actual.get(i);
      Settings other = expected.get(i);
      String what = name + "segment " + i + " ";
      times.checkExactly(what + "id", new int[] {segment.id()}, new int[] {other.integer("id")});
      // With words, a segment begins and ends where they do, also one that lost them since.
      Comparison edges = timed ? wordTimes : times;
      edges.checkNumber(what + "start", segment.startSeconds(), other.number("start"));
      edges.checkNumber(what + "end", segment.endSeconds(), other.number("end"));
      text(times, what + "text", segment.text(), other.text("text"));
      times.checkExactly(
          what + "tokens",
          segment.tokens().stream().mapToInt(token -> token).toArray(),
          Entries.ints(other, "tokens"));
      times.checkNumber(what + "temperature", segment.temperature(), other.number("temperature"));
      figures.checkNumber(
          what + "average logprob", segment.averageLogprob(), other.number("avg_logprob"));
      figures.checkNumber(
          what + "compression ratio",
          segment.compressionRatio(),
          other.number("compression_ratio"));
      figures.checkNumber(
          what + "no speech", segment.noSpeechProbability(), other.number("no_speech_prob"));
      words(wordTimes, figures, what, segment.words(), Entries.of(other, "words"));
    }
  }

  private static void words(
      Comparison times,
      Comparison figures,
      String name,
      List<Word> actual,
      List<Settings> expected) {
    times.checkExactly(name + "words", new int[] {actual.size()}, new int[] {expected.size()});
    for (int i = 0; i < Math.min(actual.size(), expected.size()); i++) {
      Word word = actual.get(i);
      Settings other = expected.get(i);
      String what = name + "word " + i + " ";
      text(times, what + "text", word.text(), other.text("word"));
      times.checkNumber(what + "start", word.startSeconds(), other.number("start"));
      times.checkNumber(what + "end", word.endSeconds(), other.number("end"));
      figures.checkNumber(what + "probability", word.probability(), other.number("probability"));
    }
  }

  private static void text(Comparison comparison, String name, String actual, String expected) {
    comparison.checkExactly(name, actual.codePoints().toArray(), expected.codePoints().toArray());
  }
}
