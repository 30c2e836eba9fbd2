package org.tantra.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How the next token is chosen from the logits.
///
/// In this order: `logitBias` is added; the repetition penalty and the presence and frequency
/// penalties are applied to tokens already seen; the logits are divided by `temperature`; `topK`,
/// then `topP`, then `minP` keep the likeliest; one of the rest is drawn. Reported
/// log-probabilities are those of the logits before all of this.
///
/// @param temperature 0 picks the likeliest token; at most 2
/// @param topK how many of the likeliest tokens stay; 0 for all
/// @param topP smallest set of likeliest tokens whose probabilities reach this sum, 0..1; 1 for all
/// @param minP drops tokens less likely than this share of the likeliest, 0..1; 0 for none
/// @param presencePenalty taken off the logit of each token that the completion already has, -2..2
/// @param frequencyPenalty taken off once for each time the completion has it, -2..2
/// @param repetitionPenalty divides positive and multiplies negative logits of tokens in prompt or
///   completion; 1 for none
/// @param logitBias added to the logits of single token ids, -100..100
/// @param seed makes draws repeatable: same seed, weights, version and request, same tokens; null
///   draws a seed
public record Sampling(
    double temperature,
    int topK,
    double topP,
    double minP,
    double presencePenalty,
    double frequencyPenalty,
    double repetitionPenalty,
    Map<Integer, Double> logitBias,
    @Nullable Long seed) {

  /// Temperature 1 over all tokens, no penalties.
  public static final Sampling DEFAULT = new Sampling(1, 0, 1, 0, 0, 0, 1, Map.of(), null);

  /// Always the likeliest token; of equals the one with the smaller id.
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 0, 0, 1, Map.of(), 0L);

  /// @throws TantraException `INVALID`, naming the value at fault
  public Sampling {
    requireWithin("temperature", temperature, 0, 2);
    requireWithin("top_p", topP, 0, 1);
    requireWithin("min_p", minP, 0, 1);
    requireWithin("presence_penalty", presencePenalty, -2, 2);
    requireWithin("frequency_penalty", frequencyPenalty, -2, 2);
    requireWithin("repetition_penalty", repetitionPenalty, 0.01, 100);
    requireWithin("top_k", topK, 0, Integer.MAX_VALUE);
    logitBias = Map.copyOf(logitBias);
    logitBias.values().forEach(bias -> requireWithin("logit_bias", bias, -100, 100));
  }

  /// The same sampling with another temperature.
  public Sampling withTemperature(double other) {
    return new Sampling(
        other,
        topK,
        topP,
        minP,
        presencePenalty,
        frequencyPenalty,
        repetitionPenalty,
        logitBias,
        seed);
  }

  /// The same sampling with a seed.
  public Sampling withSeed(long other) {
    return new Sampling(
        temperature,
        topK,
        topP,
        minP,
        presencePenalty,
        frequencyPenalty,
        repetitionPenalty,
        logitBias,
        other);
  }

  private static void requireWithin(String name, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      throw new TantraException(
              ErrorKind.INVALID,
              name + " is " + value + "; it must be between " + low + " and " + high + ".")
          .about(name);
    }
  }
}
