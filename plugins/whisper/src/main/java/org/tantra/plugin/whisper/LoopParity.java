package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.api.Transcription.Segment;
import org.tantra.nn.parity.Comparison;

/// Compares the loop over windows with the reference, with scripted answers in place of a network:
/// what it asks for, and what it makes of the answers.
public final class LoopParity implements ParityCheck {
  @Override
  public Set<String> families() {
    return Set.of("whisper-longform");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    Comparison comparison =
        new Comparison(golden, golden.expected().section("tolerance").number("times_abs"), 0);
    int context = golden.expected().section("defaults").integer("n_text_ctx", 448);
    WhisperTokenizer tokenizer =
        new WhisperTokenizer(new ByteTokens(), SpecialTokens.standard(ByteTokens.COUNT, 99, true));
    List<Object> raw = golden.expected().list("cases");
    List<Settings> cases = Entries.of(golden.expected(), "cases");
    for (int i = 0; i < cases.size(); i++) {
      compare(
          comparison, cases.get(i), Entries.valueless(raw.get(i), "options"), tokenizer, context);
    }
    return comparison.findings();
  }

  private static void compare(
      Comparison comparison,
      Settings entry,
      Set<String> off,
      WhisperTokenizer tokenizer,
      int context) {
    String name = entry.text("name") + ": ";
    Settings result = entry.section("result");
    LoopOptions options = options(entry.section("options"), off, result.text("language"));
    Script script = new Script(entry, tokenizer);
    WindowLoop loop = new WindowLoop(script, tokenizer, options, context);
    List<Segment> segments = new ArrayList<>();
    while (loop.hasNext() && script.goesOn()) {
      segments.addAll(loop.next());
    }
    List<Settings> calls = Entries.of(entry, "calls");
    comparison.checkExactly(
        name + "calls", new int[] {script.calls.size()}, new int[] {calls.size()});
    for (int i = 0; i < Math.min(script.calls.size(), calls.size()); i++) {
      text(comparison, name + "call " + i, script.calls.get(i), call(calls.get(i)));
    }
    text(comparison, name + "text", loop.text(), result.text("text"));
    SegmentComparison.compare(
        comparison, comparison, comparison, name, segments, Entries.of(result, "segments"));
  }

  private static String call(Settings call) {
    return described(
        call.integer("seek"),
        call.integer("segment_frames"),
        call.number("temperature"),
        call.integers("prompt"),
        call.text("language"),
        call.text("task"),
        call.integer("beam_size", 1),
        call.integer("best_of", 1));
  }

  private static String described(
      long seek,
      int frames,
      double temperature,
      List<Integer> prompt,
      String language,
      String task,
      int beams,
      int samples) {
    return String.format(
        Locale.ROOT,
        "%d + %d at %.3f, %s %s, beams %d, samples %d, after %s",
        seek,
        frames,
        temperature,
        language,
        task,
        beams,
        samples,
        prompt);
  }

  private static void text(Comparison comparison, String name, String actual, String expected) {
    comparison.checkExactly(name, actual.codePoints().toArray(), expected.codePoints().toArray());
  }

  /// @param off options that are there without a value
  static LoopOptions options(Settings options, Set<String> off, String language) {
    DecodingOptions decoding =
        DecodingOptions.in(language)
            .withTask(language, options.text("task", "").equals("translate"))
            .withSearch(
                options.integer("beam_size", 1),
                options.number("patience", 1),
                options.integer("best_of", 1))
            .withFilters(
                suppressed(options),
                true,
                !options.flag("without_timestamps", false),
                off.contains("max_initial_timestamp") ? -1 : DecodingOptions.LATEST_START);
    return new LoopOptions(
        temperatures(options.asMap().get("temperature")),
        threshold(options, off, "compression_ratio_threshold", LoopOptions.COMPRESSION_RATIO),
        threshold(options, off, "logprob_threshold", LoopOptions.LOGPROB),
        threshold(options, off, "no_speech_threshold", LoopOptions.NO_SPEECH),
        options.flag("condition_on_previous_text", true),
        options.has("initial_prompt") ? options.text("initial_prompt") : null,
        options.flag("carry_initial_prompt", false),
        clips(options.text("clip_timestamps", "")),
        options.flag("word_timestamps", false),
        threshold(options, off, "hallucination_silence_threshold", Double.NaN),
        decoding);
  }

  private static List<Integer> suppressed(Settings options) {
    return options.text("suppress_tokens", "-1").isEmpty() ? List.of() : List.of(-1);
  }

  private static List<Double> temperatures(@Nullable Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(item -> ((Number) item).doubleValue()).toList();
    }
    return value instanceof Number number
        ? List.of(number.doubleValue())
        : LoopOptions.TEMPERATURES;
  }

  private static List<Double> clips(String text) {
    return text.isEmpty()
        ? List.of()
        : Arrays.stream(text.split(",", -1)).map(Double::valueOf).toList();
  }

  private static @Nullable Double threshold(
      Settings options, Set<String> off, String key, double otherwise) {
    double value = options.number(key, otherwise);
    return off.contains(key) || Double.isNaN(value) ? null : value;
  }

  /// Answers in the order of the script.
  private static final class Script implements WindowLoop.Windows {
    final List<String> calls = new ArrayList<>();
    private final long frames;
    private final Iterator<Settings> answers;
    private final WhisperTokenizer tokenizer;
    private Settings last = Settings.empty("no answer yet");

    Script(Settings entry, WhisperTokenizer tokenizer) {
      this.frames = entry.integer("content_frames");
      this.answers = Entries.of(entry, "script").iterator();
      this.tokenizer = tokenizer;
    }

    boolean goesOn() {
      return answers.hasNext();
    }

    @Override
    public long frames() {
      return frames;
    }

    @Override
    public DecodedWindow decode(long seek, int count, DecodingOptions options) {
      calls.add(
          described(
              seek,
              count,
              options.temperature(),
              options.prompt(),
              options.language(),
              options.translate() ? "translate" : "transcribe",
              options.beams(),
              options.bestOf()));
      last = answers.hasNext() ? answers.next() : Settings.empty("the script is over");
      List<Integer> tokens = last.integers("tokens");
      return new DecodedWindow(
          tokens,
          tokenizer.text(tokens),
          last.number("avg_logprob", 0),
          last.number("no_speech_prob", 0),
          options.temperature(),
          last.number("compression_ratio", 1));
    }

    @Override
    public List<WordTiming> align(
        long seek, int count, List<Integer> text, DecodingOptions options) {
      List<WordTiming> words = new ArrayList<>();
      for (Object item : last.list("words")) {
        if (item instanceof List<?> word
            && word.get(0) instanceof String said
            && word.get(1) instanceof Number start
            && word.get(2) instanceof Number end
            && word.get(3) instanceof Number probability) {
          List<Integer> tokens = new ArrayList<>();
          for (int id : tokenizer.encode(said)) {
            tokens.add(id);
          }
          words.add(
              new WordTiming(
                  said, tokens, start.doubleValue(), end.doubleValue(), probability.doubleValue()));
        }
      }
      return words;
    }
  }
}
