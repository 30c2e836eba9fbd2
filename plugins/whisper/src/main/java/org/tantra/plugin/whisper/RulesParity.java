package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.media.Subtitles;
import org.tantra.nn.parity.Comparison;

/// Compares rules and small functions of decoding: logit filters, compression ratio, times, median
/// filter, time warping, punctuation.
public final class RulesParity implements ParityCheck {
  @Override
  public Set<String> families() {
    return Set.of("whisper-decoding");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    return golden.expected().has("cases") ? filters(golden) : functions(golden);
  }

  private static List<Finding> filters(ParityCase golden) {
    Settings expected = golden.expected();
    Comparison comparison = new Comparison(golden, 0, 0);
    Comparison logprobs =
        new Comparison(golden, expected.section("tolerance").number("logprob_abs"), 0);
    SpecialTokens specials = SpecialTokens.of(expected.section("special_ids"));
    WhisperTokenizer tokenizer = new WhisperTokenizer(new ByteTokens(), specials);
    float[] logits = comparison.floats("in.logits");
    float[] timestampsOnly = comparison.floats("out.timestamp_rules");
    float[] everything = comparison.floats("out.full_chain");
    int vocab = expected.integer("vocab_size");
    List<Settings> cases = Entries.of(expected, "cases");
    for (int row = 0; row < cases.size(); row++) {
      Settings entry = cases.get(row);
      int begin = entry.integer("sample_begin");
      int latest = entry.integer("max_initial_timestamp_index", -1);
      List<Integer> tokens = entry.integers("tokens");
      float[] rules = Arrays.copyOfRange(logits, row * vocab, (row + 1) * vocab);
      new TimestampRules(specials, begin, latest).apply(rules, tokens);
      same(comparison, row + " " + entry.text("name"), rules, timestampsOnly, row);
      float[] chain = Arrays.copyOfRange(logits, row * vocab, (row + 1) * vocab);
      DecodingOptions options =
          DecodingOptions.in("en")
              .withFilters(expected.integers("suppress_tokens"), true, true, latest);
      LogitFilters.of(tokenizer, options, begin).apply(chain, tokens);
      same(comparison, row + " full chain", chain, everything, row);
      Settings best = entry.section("full_chain");
      int argmax = LogProbabilities.best(chain);
      comparison.checkExactly(
          row + " best token", new int[] {argmax}, new int[] {best.integer("argmax")});
      double logprob = chain[argmax] - LogProbabilities.logSumExp(chain, 0, vocab);
      logprobs.checkNumber(row + " logprob", logprob, best.number("logprob"));
    }
    List<Finding> findings = new ArrayList<>(comparison.findings());
    findings.addAll(logprobs.findings());
    return findings;
  }

  /// Compares bit for bit, which tells masked scores from others too.
  private static void same(
      Comparison comparison, String name, float[] actual, float[] all, int row) {
    int[] bits = new int[actual.length];
    int[] expected = new int[actual.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(actual[i]);
      expected[i] = Float.floatToRawIntBits(all[row * actual.length + i]);
    }
    comparison.checkExactly(name, bits, expected);
  }

  private static List<Finding> functions(ParityCase golden) {
    Settings expected = golden.expected();
    double relative = expected.section("tolerance").number("compression_ratio_rel");
    Comparison ratios = new Comparison(golden, 0, relative);
    Comparison comparison = new Comparison(golden, 0, 0);
    for (Settings entry : Entries.of(expected, "compression_ratio")) {
      String text = entry.text("text");
      ratios.checkNumber(
          "compression of " + text.length() + " characters",
          DecodedWindow.compressionRatio(text),
          entry.number("ratio"));
    }
    for (Settings entry : Entries.of(expected, "format_timestamp")) {
      double seconds = entry.number("seconds");
      text(comparison, "srt " + seconds, Subtitles.srtTime(seconds), entry.text("srt"));
      text(comparison, "vtt " + seconds, Subtitles.vttTime(seconds), entry.text("vtt"));
    }
    for (Settings entry : Entries.of(expected, "median_filter")) {
      List<Integer> shape = entry.integers("shape");
      float[] x = Entries.floats(entry, "input");
      int length = shape.getLast();
      for (int row = 0; row < x.length / length; row++) {
        AlignmentMatrix.medianFilter(x, row * length, length, entry.integer("width"));
      }
      equal(comparison, "median filter " + shape, x, Entries.floats(entry, "output"));
    }
    for (Settings entry : Entries.of(expected, "dtw")) {
      List<Integer> shape = entry.integers("shape");
      TimeWarping.Path path =
          TimeWarping.path(Entries.floats(entry, "matrix"), shape.get(0), shape.get(1));
      String name = "dtw " + shape;
      comparison.checkExactly(
          name + " rows",
          path.rows().stream().mapToInt(i -> i).toArray(),
          Entries.ints(entry, "text_indices"));
      comparison.checkExactly(
          name + " columns",
          path.columns().stream().mapToInt(i -> i).toArray(),
          Entries.ints(entry, "time_indices"));
    }
    punctuation(comparison, expected.section("merge_punctuations"));
    List<Finding> findings = new ArrayList<>(ratios.findings());
    findings.addAll(comparison.findings());
    return findings;
  }

  private static void punctuation(Comparison comparison, Settings merging) {
    Punctuation punctuation = new Punctuation(merging.text("prepended"), merging.text("appended"));
    for (Settings entry : Entries.of(merging, "cases")) {
      List<String> words = entry.texts("words");
      List<WordTiming> timings = new ArrayList<>();
      for (String word : words) {
        List<Integer> tokens = new ArrayList<>();
        for (int id : new ByteTokens().encode(word)) {
          tokens.add(id);
        }
        timings.add(new WordTiming(word, tokens, 0, 1, 1));
      }
      punctuation.merge(timings);
      text(
          comparison,
          "merged " + words,
          String.join("|", timings.stream().map(WordTiming::text).toList()),
          String.join("|", entry.texts("merged")));
      text(
          comparison,
          "tokens of " + words,
          timings.stream().map(WordTiming::tokens).toList().toString(),
          entry.list("tokens").toString());
    }
  }

  private static void equal(Comparison comparison, String name, float[] actual, float[] expected) {
    int[] bits = new int[actual.length];
    int[] others = new int[expected.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(actual[i]);
    }
    for (int i = 0; i < others.length; i++) {
      others[i] = Float.floatToRawIntBits(expected[i]);
    }
    comparison.checkExactly(name, bits, others);
  }

  private static void text(Comparison comparison, String name, String actual, String expected) {
    comparison.checkExactly(name, actual.codePoints().toArray(), expected.codePoints().toArray());
  }
}
