package org.tantra.plugin.whisper;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Transcription.Segment;

/// Goes through a recording window by window and cuts what is decoded into segments.
///
/// Positions are frames of 10 ms. The rules are those of the reference's `transcribe`; what it does
/// not promise is that every window moves on, which this does. Used by one thread.
///
/// @see <a href="https://arxiv.org/abs/2212.04356">Radford et al. 2022, section 4.5</a>
final class WindowLoop {
  /// Frames of a whole window.
  static final int WINDOW = 3000;

  private static final int FRAMES_PER_SECOND = 100;

  /// Frames of one step of timestamps.
  private static final int STEP_FRAMES = 2;

  /// What was decoded by chance does not stand before the next window.
  private static final double HOT = 0.5;

  /// What the loop asks about its recording.
  interface Windows {
    /// Frames of the recording.
    long frames();

    /// Decodes one window.
    ///
    /// @param count frames from `seek` on; what is missing to a whole window is padding
    DecodedWindow decode(long seek, int count, DecodingOptions options);

    /// Finds the words of the window that was decoded last.
    List<WordTiming> align(long seek, int count, List<Integer> text, DecodingOptions options);
  }

  private record Clip(long from, long until) {}

  private final Windows windows;
  private final WhisperTokenizer tokenizer;
  private final LoopOptions options;
  private final int promptTokens;
  private final List<Clip> clips;
  private final List<Integer> said = new ArrayList<>();
  private final int initial;
  private int clip;
  private long seek;
  private int forgotten;
  private int segments;
  private double lastSpeech;

  /// @param context most tokens of the decoder
  WindowLoop(Windows windows, WhisperTokenizer tokenizer, LoopOptions options, int context) {
    this.windows = windows;
    this.tokenizer = tokenizer;
    this.options = options;
    this.clips = clips(options.clips(), windows.frames());
    this.seek = clips.getFirst().from;
    if (options.initialPrompt() != null) {
      for (int id : tokenizer.encodeSpoken(options.initialPrompt())) {
        said.add(id);
      }
    }
    this.initial = said.size();
    this.promptTokens = context / 2 - 1;
  }

  private static List<Clip> clips(List<Double> seconds, long frames) {
    List<Long> points = new ArrayList<>();
    for (double second : seconds.isEmpty() ? List.of(0.0) : seconds) {
      points.add(frame(second));
    }
    if (points.size() % 2 == 1) {
      points.add(frames);
    }
    List<Clip> clips = new ArrayList<>();
    for (int i = 0; i < points.size(); i += 2) {
      // Nothing is said after the end.
      clips.add(new Clip(points.get(i), Math.min(points.get(i + 1), frames)));
    }
    return clips;
  }

  /// The nearest frame, the even one of two.
  private static long frame(double seconds) {
    return (long) Math.rint(seconds * FRAMES_PER_SECOND);
  }

  /// Frames that are done.
  long position() {
    return clip < clips.size() ? seek : windows.frames();
  }

  /// Whether there is another window.
  boolean hasNext() {
    while (clip < clips.size()) {
      seek = Math.max(seek, clips.get(clip).from);
      if (seek < clips.get(clip).until) {
        return true;
      }
      clip++;
      if (clip < clips.size()) {
        seek = clips.get(clip).from;
      }
    }
    return false;
  }

  /// Everything said so far, the initial prompt excepted.
  String text() {
    return tokenizer.text(said.subList(initial, said.size()));
  }

  /// Decodes the next window.
  ///
  /// @return its segments; none if nobody speaks in it
  List<Segment> next() {
    long from = seek;
    int size = (int) Math.min(WINDOW, clips.get(clip).until - seek);
    DecodedWindow window = decoded(size);
    if (options.skips(window)) {
      seek += size;
      return List.of();
    }
    List<DraftSegment> drafts = cut(window, size);
    if (options.words() && !timed(drafts, window, from, size)) {
      moveOn(from, size);
      return List.of();
    }
    drafts.forEach(DraftSegment::clearIfEmpty);
    List<Segment> finished = new ArrayList<>();
    for (DraftSegment draft : drafts) {
      finished.add(draft.finished(segments++, window));
      said.addAll(draft.tokens);
    }
    if (!options.conditionOnPrevious() || window.temperature() > HOT) {
      forgotten = said.size();
    }
    moveOn(from, size);
    return finished;
  }

  /// A window of which nothing remains could come again for ever.
  private void moveOn(long from, int size) {
    if (seek <= from) {
      seek = from + size;
    }
  }

  private DecodedWindow decoded(int size) {
    DecodedWindow window = null;
    List<Integer> prompt = prompt();
    for (double temperature : options.temperatures()) {
      window = windows.decode(seek, size, options.decoding().at(temperature, prompt));
      if (!options.retries(window)) {
        break;
      }
    }
    return requireNonNull(window, "no temperature");
  }

  private List<Integer> prompt() {
    if (!options.carryInitialPrompt()) {
      return said.subList(forgotten, said.size());
    }
    List<Integer> later = said.subList(Math.max(initial, forgotten), said.size());
    int room = Math.max(0, promptTokens - initial);
    List<Integer> prompt = new ArrayList<>(said.subList(0, initial));
    prompt.addAll(later.subList(Math.max(0, later.size() - room), later.size()));
    return prompt;
  }

  private boolean endsWithOneTimestamp(List<Integer> tokens) {
    SpecialTokens specials = tokenizer.specials();
    return tokens.size() >= 2
        && specials.timestamp(tokens.getLast())
        && !specials.timestamp(tokens.get(tokens.size() - 2));
  }

  /// Cuts tokens where two timestamps meet, and moves on to where the last whole segment ends.
  private List<DraftSegment> cut(DecodedWindow window, int size) {
    SpecialTokens specials = tokenizer.specials();
    List<Integer> tokens = window.tokens();
    double offset = (double) seek / FRAMES_PER_SECOND;
    List<Integer> cuts = new ArrayList<>();
    for (int i = 1; i < tokens.size(); i++) {
      if (specials.timestamp(tokens.get(i)) && specials.timestamp(tokens.get(i - 1))) {
        cuts.add(i);
      }
    }
    if (cuts.isEmpty()) {
      double duration =
          tokens.stream()
              .filter(specials::timestamp)
              .reduce((_, later) -> later)
              .filter(last -> last != specials.firstTimestamp())
              .map(specials::seconds)
              .orElse((double) size / FRAMES_PER_SECOND);
      seek += size;
      return new ArrayList<>(List.of(segment(offset, offset + duration, tokens)));
    }
    boolean single = endsWithOneTimestamp(tokens);
    if (single) {
      cuts.add(tokens.size());
    }
    List<DraftSegment> drafts = new ArrayList<>();
    int last = 0;
    for (int next : cuts) {
      List<Integer> part = tokens.subList(last, next);
      drafts.add(
          segment(
              offset + specials.seconds(part.getFirst()),
              offset + specials.seconds(part.getLast()),
              part));
      last = next;
    }
    seek += single ? size : (long) STEP_FRAMES * (tokens.get(last - 1) - specials.firstTimestamp());
    return drafts;
  }

  private DraftSegment segment(double start, double end, List<Integer> tokens) {
    int endOfText = tokenizer.specials().end();
    String text = tokenizer.text(tokens.stream().filter(id -> id < endOfText).toList());
    return new DraftSegment(start, end, text, tokens);
  }

  /// Adds words, and moves on to where the last one ends.
  ///
  /// @return false if the window begins with silence that is to be skipped first
  private boolean timed(List<DraftSegment> drafts, DecodedWindow window, long from, int size) {
    double start = (double) from / FRAMES_PER_SECOND;
    int endOfText = tokenizer.specials().end();
    List<Integer> text =
        drafts.stream()
            .flatMap(draft -> draft.tokens.stream())
            .filter(id -> id < endOfText)
            .toList();
    DecodingOptions decoding = options.decoding();
    new WordTimes(windows.align(from, size, text, decoding))
        .addTo(drafts, start, endOfText, lastSpeech);
    boolean single = endsWithOneTimestamp(window.tokens());
    double lastEnd = lastEnd(drafts);
    if (!single && lastEnd > start) {
      seek = frame(lastEnd);
    }
    Double threshold = options.silenceThreshold();
    if (threshold != null && !skipped(drafts, threshold, single, from, size)) {
      return false;
    }
    if (!drafts.isEmpty()) {
      lastSpeech = lastEnd(drafts);
    }
    return true;
  }

  /// End of the last word, or of the last segment if there are no words.
  private static double lastEnd(List<DraftSegment> drafts) {
    for (DraftSegment draft : drafts.reversed()) {
      if (!draft.words.isEmpty()) {
        return draft.words.getLast().end();
      }
    }
    return drafts.getLast().end;
  }

  /// Leaves out what was made up during silence.
  private boolean skipped(
      List<DraftSegment> drafts, double threshold, boolean single, long from, int size) {
    double start = (double) from / FRAMES_PER_SECOND;
    double windowEnd = (double) (from + WINDOW) / FRAMES_PER_SECOND;
    double lastEnd = lastEnd(drafts);
    if (!single && lastEnd > start) {
      seek = windowEnd - lastEnd > threshold ? frame(lastEnd) : from + size;
    }
    DraftSegment first = Hallucinations.firstWithWords(drafts);
    if (first != null && Hallucinations.odd(first) && first.start - start > threshold) {
      seek = from + frame(first.start - start);
      return false;
    }
    double end = (double) (from + size) / FRAMES_PER_SECOND;
    int madeUp = new Hallucinations(threshold).find(drafts, lastSpeech, start, end, windowEnd);
    if (madeUp >= 0) {
      DraftSegment segment = drafts.get(madeUp);
      double content = (double) windows.frames() / FRAMES_PER_SECOND;
      seek =
          content - segment.end < threshold
              ? windows.frames()
              : frame(Math.max(start + 1, segment.start));
      drafts.subList(madeUp, drafts.size()).clear();
    }
    return true;
  }
}
