package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Transcription;

/// A segment whose times and words are not final yet. Used by one thread.
final class DraftSegment {
  double start;
  double end;
  String text;
  List<Integer> tokens;
  final List<WordTiming> words = new ArrayList<>();

  DraftSegment(double start, double end, String text, List<Integer> tokens) {
    this.start = start;
    this.end = end;
    this.text = text;
    this.tokens = List.copyOf(tokens);
  }

  /// Takes away what says nothing: no time, or no text.
  void clearIfEmpty() {
    if (start == end || Utf8Text.stripped(text).isEmpty()) {
      text = "";
      tokens = List.of();
      words.clear();
    }
  }

  Transcription.Segment finished(int id, DecodedWindow window) {
    return new Transcription.Segment(
        id,
        start,
        end,
        text,
        tokens,
        window.temperature(),
        window.averageLogprob(),
        window.compressionRatio(),
        window.noSpeechProbability(),
        words.stream()
            .map(
                word ->
                    new Transcription.Word(
                        word.text(), word.start(), word.end(), word.probability()))
            .toList());
  }
}
