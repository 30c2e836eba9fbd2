package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.tantra.api.Cancellation;

/// Decodes an encoded window. Safe from several threads.
///
/// @see <a href="https://arxiv.org/abs/2212.04356">Radford et al. 2022, sections 2.3 and 4.5</a>
record WindowDecoder(WhisperTextNetwork network, WhisperTokenizer tokenizer) {
  /// What the rows begin with.
  ///
  /// @param start index of the token that begins the transcript
  record Opening(List<Integer> tokens, int start) {}

  /// Text before, start, language and task, and what the transcript begins with.
  Opening opening(DecodingOptions options) {
    int half = network.config().textPositions() / 2;
    List<Integer> tokens = new ArrayList<>();
    if (!options.prompt().isEmpty()) {
      tokens.add(tokenizer.specials().previous());
      tokens.addAll(lastOf(options.prompt(), half - 1));
    }
    int start = tokens.size();
    for (int id : tokenizer.specials().opening(options.language(), options.translate())) {
      tokens.add(id);
    }
    if (!options.timestamps()) {
      tokens.add(tokenizer.specials().noTimestamps());
    }
    // With the default length the bound would be 0, which the reference takes for none.
    int most = half - options.sampleLength();
    tokens.addAll(
        options.sampleLength() == 0 || most <= 0
            ? lastOf(options.prefix(), half)
            : lastOf(options.prefix(), most));
    return new Opening(tokens, start);
  }

  private static List<Integer> lastOf(List<Integer> tokens, int count) {
    return tokens.subList(Math.max(0, tokens.size() - count), tokens.size());
  }

  /// @param cross of the window
  /// @param random decides at temperatures above 0
  DecodedWindow decode(
      CrossCache cross,
      DecodingOptions options,
      RandomGenerator random,
      Cancellation cancellation) {
    SpecialTokens specials = tokenizer.specials();
    Opening opening = opening(options);
    int begin = opening.tokens().size();
    int context = network.config().textPositions();
    int steps = options.sampleLength() == 0 ? context / 2 : options.sampleLength();
    LogitFilters filters = LogitFilters.of(tokenizer, options, begin);
    try (RowSet rows = new RowSet(network, cross, filters, cancellation)) {
      RowSet.Opening first = rows.open(opening.tokens(), opening.start());
      float[] atStart = first.atStart;
      double noSpeech =
          Math.exp(
              atStart[specials.noSpeech()]
                  - LogProbabilities.logSumExp(atStart, 0, atStart.length));
      Search search =
          options.beams() > 1 && options.temperature() == 0
              ? new BeamSearch(options.beams(), options.patience(), specials.end())
              : new SamplingSearch(
                  options.temperature() > 0 ? options.bestOf() : 1,
                  options.temperature(),
                  specials.end(),
                  random);
      List<Hypothesis> found = search.run(opening.tokens(), first.next, rows, steps, context);
      return result(best(found, options, begin), noSpeech, options, begin);
    }
  }

  private Hypothesis best(List<Hypothesis> found, DecodingOptions options, int begin) {
    Hypothesis best = found.getFirst();
    double highest = Double.NEGATIVE_INFINITY;
    for (Hypothesis row : found) {
      int length = row.said(begin, tokenizer.specials().end()).size();
      Double exponent = options.lengthPenalty();
      double penalty =
          exponent == null ? Math.max(1, length) : Math.pow((5.0 + length) / 6, exponent);
      if (row.sum() / penalty > highest) {
        highest = row.sum() / penalty;
        best = row;
      }
    }
    return best;
  }

  private DecodedWindow result(
      Hypothesis row, double noSpeech, DecodingOptions options, int begin) {
    List<Integer> said = row.said(begin, tokenizer.specials().end());
    String text = Utf8Text.stripped(tokenizer.text(said));
    return new DecodedWindow(
        said,
        text,
        row.sum() / (said.size() + 1),
        noSpeech,
        options.temperature(),
        DecodedWindow.compressionRatio(text));
  }

  /// How probable each language is, by code; empty for a model that knows English only.
  Map<String, Double> languages(CrossCache cross, Cancellation cancellation) {
    Map<String, Integer> ids = tokenizer.specials().languages();
    Map<String, Double> probabilities = new LinkedHashMap<>();
    if (ids.isEmpty()) {
      return probabilities;
    }
    LogitFilters none = new LogitFilters(List.of());
    try (RowSet rows = new RowSet(network, cross, none, cancellation)) {
      float[] logits = rows.open(List.of(tokenizer.specials().start()), 0).next;
      float[] scores = new float[ids.size()];
      int at = 0;
      for (int id : ids.values()) {
        scores[at++] = logits[id];
      }
      LogProbabilities.softmax(scores, 0, scores.length);
      at = 0;
      for (String code : ids.keySet()) {
        probabilities.put(code, (double) scores[at++]);
      }
    }
    return probabilities;
  }
}
