package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.api.tensor.Shape;
import org.tantra.nn.parity.Comparison;

/// Compares word times made from stored attention scores.
public final class AlignmentParity implements ParityCheck {
  @Override
  public Set<String> families() {
    return Set.of("whisper-word-timestamps");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    Settings tolerance = golden.expected().section("tolerance");
    Comparison matrices = new Comparison(golden, tolerance.number("matrix_max_abs"), 0);
    Comparison times = new Comparison(golden, 1e-9, 0);
    Comparison probabilities = new Comparison(golden, tolerance.number("probability_abs"), 0);
    List<Settings> cases = Entries.of(golden.expected(), "cases");
    for (int i = 0; i < cases.size(); i++) {
      compare(i, cases.get(i), matrices, times, probabilities);
    }
    List<Finding> findings = new ArrayList<>(matrices.findings());
    findings.addAll(times.findings());
    findings.addAll(probabilities.findings());
    return findings;
  }

  private static void compare(
      int i, Settings entry, Comparison matrices, Comparison times, Comparison probabilities) {
    String name = entry.text("name") + ": ";
    List<float[]> scores = new ArrayList<>();
    int tokens = 0;
    int positions = 0;
    for (Object pair : entry.list("heads")) {
      if (!(pair instanceof List<?> head && head.get(0) instanceof Integer layer)) {
        continue;
      }
      String tensor = i + ".in.qk." + layer;
      Shape shape = matrices.info(tensor).shape();
      tokens = Math.toIntExact(shape.size(1));
      positions = Math.toIntExact(shape.size(2));
      int at = (Integer) head.get(1) * tokens * positions;
      scores.add(Arrays.copyOfRange(matrices.floats(tensor), at, at + tokens * positions));
    }
    WordAligner.Matrix matrix =
        WordAligner.matrix(
            scores,
            tokens,
            positions,
            entry.integer("num_frames"),
            entry.integer("sot_sequence_length"));
    matrices.check(i + ".out.matrix", matrix.values);
    TimeWarping.Path path = WordAligner.path(matrix);
    times.checkExactly(name + "path, tokens", ints(path.rows()), Entries.ints(entry, "path_text"));
    times.checkExactly(
        name + "path, positions", ints(path.columns()), Entries.ints(entry, "path_time"));

    // Token ids are bytes, with the special tokens of 99 languages behind them.
    WhisperTokenizer tokenizer =
        new WhisperTokenizer(new ByteTokens(), SpecialTokens.standard(ByteTokens.COUNT, 99, true));
    List<Integer> text = entry.integers("text_tokens");
    float[] logits = matrices.floats(i + ".in.text_logits");
    double[] said = new double[text.size()];
    for (int t = 0; t < said.length; t++) {
      float[] row = Arrays.copyOfRange(logits, t * ByteTokens.COUNT, (t + 1) * ByteTokens.COUNT);
      said[t] = WordAligner.probability(row, text.get(t), ByteTokens.COUNT);
    }
    List<WordTiming> words =
        WordAligner.words(tokenizer, matrix, text, said, entry.text("language"));
    List<Settings> expected = Entries.of(entry, "words");
    times.checkExactly(name + "words", new int[] {words.size()}, new int[] {expected.size()});
    for (int w = 0; w < Math.min(words.size(), expected.size()); w++) {
      Settings other = expected.get(w);
      WordTiming word = words.get(w);
      String what = name + "'" + other.text("word") + "' ";
      times.checkExactly(
          what + "text",
          word.text().codePoints().toArray(),
          other.text("word").codePoints().toArray());
      times.checkNumber(what + "start", word.start(), other.number("start"));
      times.checkNumber(what + "end", word.end(), other.number("end"));
      probabilities.checkNumber(
          what + "probability", word.probability(), other.number("probability"));
    }
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }
}
