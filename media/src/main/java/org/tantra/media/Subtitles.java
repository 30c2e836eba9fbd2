package org.tantra.media;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tantra.api.Transcription.Segment;
import org.tantra.api.Transcription.Word;

/// A transcription as text files, byte for byte as the reference implementation of Whisper writes
/// them. Lines end with `\n`.
public final class Subtitles {
  private Subtitles() {}

  /// A stretch of time and what is shown.
  private record Cue(String start, String end, String text) {}

  /// A kind of file with cues.
  private enum Format {
    SRT {
      @Override
      String time(double seconds) {
        return Subtitles.time(seconds, true, ',');
      }
    },
    VTT {
      @Override
      String time(double seconds) {
        return Subtitles.time(seconds, false, '.');
      }
    };

    abstract String time(double seconds);
  }

  /// SubRip: numbered cues.
  public static String srt(List<Segment> segments, CueStyle style) {
    StringBuilder file = new StringBuilder();
    int number = 1;
    for (Cue cue : cues(segments, style, Format.SRT)) {
      file.append(number++).append('\n');
      append(file, cue);
    }
    return file.toString();
  }

  /// WebVTT.
  public static String vtt(List<Segment> segments, CueStyle style) {
    StringBuilder file = new StringBuilder("WEBVTT\n\n");
    cues(segments, style, Format.VTT).forEach(cue -> append(file, cue));
    return file.toString();
  }

  /// A table with tabs between start and end, in whole milliseconds, and text.
  public static String tsv(List<Segment> segments) {
    StringBuilder file = new StringBuilder("start\tend\ttext\n");
    for (Segment segment : segments) {
      file.append(milliseconds(segment.startSeconds())).append('\t');
      file.append(milliseconds(segment.endSeconds())).append('\t');
      file.append(segment.text().strip().replace('\t', ' ')).append('\n');
    }
    return file.toString();
  }

  /// The text alone, one segment a line.
  public static String txt(List<Segment> segments) {
    StringBuilder file = new StringBuilder();
    segments.forEach(segment -> file.append(segment.text().strip()).append('\n'));
    return file.toString();
  }

  /// A time as SubRip writes it: `00:00:02,500`.
  public static String srtTime(double seconds) {
    return Format.SRT.time(seconds);
  }

  /// A time as WebVTT writes it: `00:02.500`, with hours in front if there are any.
  public static String vttTime(double seconds) {
    return Format.VTT.time(seconds);
  }

  private static void append(StringBuilder file, Cue cue) {
    file.append(cue.start()).append(" --> ").append(cue.end()).append('\n');
    file.append(cue.text()).append("\n\n");
  }

  private static List<Cue> cues(List<Segment> segments, CueStyle style, Format format) {
    List<Cue> cues = new ArrayList<>();
    if (segments.stream().anyMatch(segment -> !segment.words().isEmpty())) {
      for (List<Word> words : new CueLayout(style).of(segments)) {
        if (style.highlightWords()) {
          highlight(cues, words, format);
        } else {
          cues.add(
              new Cue(
                  format.time(words.getFirst().startSeconds()),
                  format.time(words.getLast().endSeconds()),
                  joined(words, -1)));
        }
      }
      return cues;
    }
    for (Segment segment : segments) {
      cues.add(
          new Cue(
              format.time(segment.startSeconds()),
              format.time(segment.endSeconds()),
              segment.text().strip().replace("-->", "->")));
    }
    return cues;
  }

  /// A cue for each word, and one without a mark where there is time between two.
  private static void highlight(List<Cue> cues, List<Word> words, Format format) {
    String last = format.time(words.getFirst().startSeconds());
    for (int i = 0; i < words.size(); i++) {
      String start = format.time(words.get(i).startSeconds());
      String end = format.time(words.get(i).endSeconds());
      if (!last.equals(start)) {
        cues.add(new Cue(last, start, joined(words, -1)));
      }
      cues.add(new Cue(start, end, joined(words, i)));
      last = end;
    }
  }

  private static String joined(List<Word> words, int marked) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i).text();
      if (i == marked) {
        String bare = word.stripLeading();
        text.append(word, 0, word.length() - bare.length());
        text.append("<u>").append(bare).append("</u>");
      } else {
        text.append(word);
      }
    }
    return text.toString();
  }

  /// To the nearest, the even one of two.
  private static long milliseconds(double seconds) {
    return (long) Math.rint(Math.max(0, seconds) * 1000);
  }

  private static String time(double seconds, boolean hours, char mark) {
    long all = milliseconds(seconds);
    long h = all / 3_600_000;
    String tail =
        String.format(
            Locale.ROOT, "%02d:%02d%c%03d", all / 60_000 % 60, all / 1000 % 60, mark, all % 1000);
    return hours || h > 0 ? String.format(Locale.ROOT, "%02d:%s", h, tail) : tail;
  }
}
