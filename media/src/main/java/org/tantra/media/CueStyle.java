package org.tantra.media;

/// How words are laid out in subtitles; says something only where segments carry their words.
///
/// With both a width and a number of lines, cues run over the ends of segments, and a pause of more
/// than 3 s begins a new one.
///
/// @param maxLineWidth characters; 0 for any
/// @param maxLineCount lines in one cue; 0 for any
/// @param maxWordsPerLine words in one line; 0 for any; says nothing if there is a width
/// @param highlightWords whether each word gets a cue in which it is underlined
public record CueStyle(
    int maxLineWidth, int maxLineCount, int maxWordsPerLine, boolean highlightWords) {
  /// One cue for each segment.
  public static final CueStyle PLAIN = new CueStyle(0, 0, 0, false);

  /// @throws IllegalArgumentException if a number is negative
  public CueStyle {
    if (maxLineWidth < 0 || maxLineCount < 0 || maxWordsPerLine < 0) {
      throw new IllegalArgumentException(
          "width %d, lines %d, words %d".formatted(maxLineWidth, maxLineCount, maxWordsPerLine));
    }
  }
}
