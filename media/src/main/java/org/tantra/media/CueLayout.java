package org.tantra.media;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Transcription.Segment;
import org.tantra.api.Transcription.Word;

/// Joins words to lines and lines to cues, as the reference implementation of Whisper does it. Used
/// once.
final class CueLayout {
  private static final double LONG_PAUSE_SECONDS = 3;

  private final int width;
  private final int lineLimit;
  private final int chunk;
  private final boolean keepSegments;
  private final List<List<Word>> cues = new ArrayList<>();
  private List<Word> cue = new ArrayList<>();
  private int lineLength;
  private int lines = 1;
  private double lastStart;

  CueLayout(CueStyle style) {
    this.width = style.maxLineWidth() == 0 ? 1000 : style.maxLineWidth();
    this.lineLimit = style.maxLineCount();
    this.chunk = style.maxWordsPerLine() == 0 ? 1000 : style.maxWordsPerLine();
    this.keepSegments = style.maxLineCount() == 0 || style.maxLineWidth() == 0;
  }

  /// The words of each cue; one that begins a line has a line break in front.
  List<List<Word>> of(List<Segment> segments) {
    lastStart =
        segments.stream()
            .flatMap(segment -> segment.words().stream())
            .findFirst()
            .map(Word::startSeconds)
            .orElse(0.0);
    for (Segment segment : segments) {
      List<Word> words = segment.words();
      for (int i = 0; i < words.size(); i++) {
        add(words.get(i), i % chunk == 0);
      }
    }
    if (!cue.isEmpty()) {
      cues.add(cue);
    }
    return cues;
  }

  private void add(Word word, boolean firstOfChunk) {
    boolean longPause = !keepSegments && word.startSeconds() - lastStart > LONG_PAUSE_SECONDS;
    boolean room = lineLength + length(word.text()) <= width;
    boolean segmentBreak = firstOfChunk && !cue.isEmpty() && keepSegments;
    String text = word.text();
    if (lineLength > 0 && room && !longPause && !segmentBreak) {
      lineLength += length(text);
    } else {
      text = text.strip();
      boolean full = lineLimit > 0 && (longPause || lines >= lineLimit);
      if ((!cue.isEmpty() && full) || segmentBreak) {
        cues.add(cue);
        cue = new ArrayList<>();
        lines = 1;
      } else if (lineLength > 0) {
        lines++;
        text = "\n" + text;
      }
      lineLength = length(text.strip());
    }
    cue.add(new Word(text, word.startSeconds(), word.endSeconds(), word.probability()));
    lastStart = word.startSeconds();
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
