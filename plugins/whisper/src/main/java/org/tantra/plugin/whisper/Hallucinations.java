package org.tantra.plugin.whisper;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tells segments that were made up during silence: their words are improbable, very short or very
/// long, and silence or more of the kind is around them.
///
/// The rules and numbers are those of the reference.
///
/// @param threshold seconds of silence that count
record Hallucinations(double threshold) {
  private static final double IMPROBABLE = 0.15;
  private static final double SHORT_SECONDS = 0.133;
  private static final double LONG_SECONDS = 2;
  private static final int WORDS_LOOKED_AT = 8;
  private static final double SCORE = 3;

  /// Whether a segment looks made up.
  static boolean odd(@Nullable DraftSegment segment) {
    if (segment == null || segment.words.isEmpty()) {
      return false;
    }
    List<WordTiming> words =
        segment.words.stream()
            .filter(word -> !Punctuation.USUAL.mark(word.text()))
            .limit(WORDS_LOOKED_AT)
            .toList();
    double score = words.stream().mapToDouble(Hallucinations::oddness).sum();
    return score >= SCORE || score + 0.01 >= words.size();
  }

  private static double oddness(WordTiming word) {
    double score = word.probability() < IMPROBABLE ? 1 : 0;
    if (word.duration() < SHORT_SECONDS) {
      score += (SHORT_SECONDS - word.duration()) * 15;
    }
    if (word.duration() > LONG_SECONDS) {
      score += word.duration() - LONG_SECONDS;
    }
    return score;
  }

  /// The first segment with words.
  static @Nullable DraftSegment firstWithWords(List<DraftSegment> segments) {
    return segments.stream().filter(segment -> !segment.words.isEmpty()).findFirst().orElse(null);
  }

  /// The first segment that looks made up and has silence around it.
  ///
  /// @param lastSpeech when speech ended before this window
  /// @param start of the window
  /// @param end of the recording in it
  /// @param windowEnd start and 30 s
  /// @return its index; -1 if there is none
  int find(
      List<DraftSegment> segments, double lastSpeech, double start, double end, double windowEnd) {
    double before = lastSpeech;
    for (int i = 0; i < segments.size(); i++) {
      DraftSegment segment = segments.get(i);
      if (segment.words.isEmpty()) {
        continue;
      }
      if (odd(segment)) {
        DraftSegment next = firstWithWords(segments.subList(i + 1, segments.size()));
        double nextStart = next == null ? end : next.words.getFirst().start();
        boolean silenceBefore =
            segment.start - before > threshold
                || segment.start < threshold
                || segment.start - start < LONG_SECONDS;
        boolean silenceAfter =
            nextStart - segment.end > threshold
                || odd(next)
                || windowEnd - segment.end < LONG_SECONDS;
        if (silenceBefore && silenceAfter) {
          return i;
        }
      }
      before = segment.end;
    }
    return -1;
  }
}
