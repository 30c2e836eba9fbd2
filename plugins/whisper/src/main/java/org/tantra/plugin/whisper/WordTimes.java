package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.List;

/// Gives the segments of a window their words, with times that are plausible: alignment alone
/// stretches words over pauses.
///
/// The rules are those of the reference's `add_word_timestamps`.
final class WordTimes {
  /// Words of more than twice the usual length are cut.
  private static final double LONGEST_USUAL = 0.7;

  private static final double LONG = 2;
  private static final double PAUSE = 4;

  /// So far from the segment's own time a word is not believed.
  private static final double TRUSTED_SECONDS = 0.5;

  private final List<WordTiming> words;
  private final double median;
  private final double longest;

  /// @param aligned words of all segments of a window, relative to it
  WordTimes(List<WordTiming> aligned) {
    this.words = new ArrayList<>(aligned);
    double[] durations =
        aligned.stream().mapToDouble(WordTiming::duration).filter(d -> d != 0).sorted().toArray();
    this.median = Math.min(LONGEST_USUAL, median(durations));
    this.longest = LONG * median;
    if (durations.length > 0) {
      shortenAtSentenceEnds();
    }
    Punctuation.USUAL.merge(words);
  }

  private static double median(double[] sorted) {
    int half = sorted.length / 2;
    if (sorted.length == 0) {
      return 0;
    }
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  private void shortenAtSentenceEnds() {
    for (int i = 1; i < words.size(); i++) {
      WordTiming word = words.get(i);
      if (word.duration() > longest) {
        if (Punctuation.SENTENCE_ENDS.contains(word.text())) {
          words.set(i, word.during(word.start(), word.start() + longest));
        } else if (Punctuation.SENTENCE_ENDS.contains(words.get(i - 1).text())) {
          words.set(i, word.during(word.end() - longest, word.end()));
        }
      }
    }
  }

  /// Hands out the words.
  ///
  /// @param offset of the window, in seconds
  /// @param end id of the end of text
  /// @param lastSpeech when speech ended before this window
  void addTo(List<DraftSegment> segments, double offset, int end, double lastSpeech) {
    double spoken = lastSpeech;
    int next = 0;
    for (DraftSegment segment : segments) {
      long tokens = segment.tokens.stream().filter(id -> id < end).count();
      long taken = 0;
      while (next < words.size() && taken < tokens) {
        WordTiming word = words.get(next++);
        taken += word.tokens().size();
        if (!word.text().isEmpty()) {
          segment.words.add(
              word.during(rounded(offset + word.start()), rounded(offset + word.end())));
        }
      }
      if (!segment.words.isEmpty()) {
        shortenAfterPause(segment.words, spoken);
        trustSegmentStart(segment);
        trustSegmentEnd(segment);
        spoken = segment.words.getLast().end();
      }
    }
  }

  private static double rounded(double seconds) {
    return Math.rint(seconds * 100) / 100;
  }

  private void shortenAfterPause(List<WordTiming> spoken, double lastSpeech) {
    WordTiming first = spoken.getFirst();
    boolean two = spoken.size() > 1;
    if (first.end() - lastSpeech <= median * PAUSE) {
      return;
    }
    if (first.duration() > longest || (two && spoken.get(1).end() - first.start() > longest * 2)) {
      if (two && spoken.get(1).duration() > longest) {
        WordTiming second = spoken.get(1);
        double boundary = Math.max(second.end() / 2, second.end() - longest);
        first = first.during(first.start(), boundary);
        spoken.set(1, second.during(boundary, second.end()));
      }
      spoken.set(0, first.during(Math.max(0, first.end() - longest), first.end()));
    }
  }

  private void trustSegmentStart(DraftSegment segment) {
    WordTiming first = segment.words.getFirst();
    if (segment.start < first.end() && segment.start - TRUSTED_SECONDS > first.start()) {
      double start = Math.max(0, Math.min(first.end() - median, segment.start));
      segment.words.set(0, first.during(start, first.end()));
    } else {
      segment.start = first.start();
    }
  }

  private void trustSegmentEnd(DraftSegment segment) {
    WordTiming last = segment.words.getLast();
    if (segment.end > last.start() && segment.end + TRUSTED_SECONDS < last.end()) {
      double end = Math.max(last.start() + median, segment.end);
      segment.words.set(segment.words.size() - 1, last.during(last.start(), end));
    } else {
      segment.end = last.end();
    }
  }
}
