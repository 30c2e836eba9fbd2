package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.api.Transcription.Segment;
import org.tantra.api.Transcription.Word;
import org.tantra.media.CueStyle;
import org.tantra.media.Subtitles;
import org.tantra.nn.parity.Comparison;

/// Compares the files made of given transcripts with those of the reference, character by
/// character.
public final class WritersParity implements ParityCheck {
  @Override
  public Set<String> families() {
    return Set.of("whisper-writers");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    Comparison comparison = new Comparison(golden, 0, 0);
    for (Settings entry : Entries.of(golden.expected(), "cases")) {
      List<Segment> segments = new ArrayList<>();
      for (Settings segment : Entries.of(entry.section("result"), "segments")) {
        segments.add(segment(segment));
      }
      for (Settings output : Entries.of(entry, "outputs")) {
        compare(comparison, entry.text("name"), segments, output);
      }
    }
    return comparison.findings();
  }

  private static void compare(
      Comparison comparison, String name, List<Segment> segments, Settings output) {
    Settings options = output.section("options");
    CueStyle style =
        new CueStyle(
            options.integer("max_line_width", 0),
            options.integer("max_line_count", 0),
            options.integer("max_words_per_line", 0),
            options.flag("highlight_words", false));
    String what = name + " " + options.asMap() + " ";
    for (String kind : output.keys()) {
      switch (kind) {
        case "srt" -> text(comparison, what, kind, Subtitles.srt(segments, style), output);
        case "vtt" -> text(comparison, what, kind, Subtitles.vtt(segments, style), output);
        case "tsv" -> text(comparison, what, kind, Subtitles.tsv(segments), output);
        case "txt" -> text(comparison, what, kind, Subtitles.txt(segments), output);
        default -> {}
      }
    }
  }

  private static void text(
      Comparison comparison, String what, String kind, String actual, Settings output) {
    comparison.checkExactly(
        what + kind, actual.codePoints().toArray(), output.text(kind).codePoints().toArray());
  }

  private static Segment segment(Settings segment) {
    List<Word> words = new ArrayList<>();
    for (Settings word : Entries.of(segment, "words")) {
      words.add(
          new Word(
              word.text("word"),
              word.number("start"),
              word.number("end"),
              word.number("probability")));
    }
    return new Segment(
        segment.integer("id"),
        segment.number("start"),
        segment.number("end"),
        segment.text("text"),
        List.of(),
        0,
        0,
        1,
        0,
        words);
  }
}
