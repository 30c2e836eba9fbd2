package org.tantra.runtimes;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TextRequest;
import org.tantra.host.config.ServeConfig;

/// How a text is continued. What is null is as the `serve` section of the model's file says, and
/// otherwise as for `./tantra generate`: 256 tokens at temperature 1 from all tokens.
///
/// Values out of range are refused when the options are used, by an `INVALID` that names them.
///
/// @param maxTokens most tokens to add
/// @param temperature 0 takes the likeliest token; at most 2
/// @param topK draws from so many of the likeliest tokens; 0 from all
/// @param topP draws from the likeliest tokens whose probabilities reach this sum
/// @param seed same seed, weights and version, same tokens; null draws a seed
/// @param stop texts that end the answer; they are not part of it
/// @param call who may answer, and how long the caller waits
public record TextOptions(
    @Nullable Integer maxTokens,
    @Nullable Double temperature,
    int topK,
    @Nullable Double topP,
    @Nullable Long seed,
    List<String> stop,
    CallOptions call) {
  /// Everything as configured.
  public static final TextOptions DEFAULT =
      new TextOptions(null, null, 0, null, null, List.of(), CallOptions.DEFAULT);

  private static final int STANDARD_MAX_TOKENS = 256;

  public TextOptions {
    stop = List.copyOf(stop);
    requireNonNull(call, "call");
  }

  public TextOptions withMaxTokens(int other) {
    return new TextOptions(other, temperature, topK, topP, seed, stop, call);
  }

  public TextOptions withTemperature(double other) {
    return new TextOptions(maxTokens, other, topK, topP, seed, stop, call);
  }

  public TextOptions withTopK(int other) {
    return new TextOptions(maxTokens, temperature, other, topP, seed, stop, call);
  }

  public TextOptions withTopP(double other) {
    return new TextOptions(maxTokens, temperature, topK, other, seed, stop, call);
  }

  public TextOptions withSeed(long other) {
    return new TextOptions(maxTokens, temperature, topK, topP, other, stop, call);
  }

  public TextOptions withStop(String... other) {
    return new TextOptions(maxTokens, temperature, topK, topP, seed, List.of(other), call);
  }

  public TextOptions withStandIns(boolean other) {
    return with(call.withStandIns(other));
  }

  public TextOptions withTimeout(@Nullable Duration other) {
    return with(call.withTimeout(other));
  }

  public TextOptions withCancellation(Cancellation other) {
    return with(call.withCancellation(other));
  }

  private TextOptions with(CallOptions other) {
    return new TextOptions(maxTokens, temperature, topK, topP, seed, stop, other);
  }

  /// @param serving what the model's file says
  TextRequest request(Prompt prompt, ServeConfig serving) {
    Sampling plain = Sampling.DEFAULT;
    Sampling sampling =
        new Sampling(
            temperature == null ? serving.temperatureOr(plain.temperature()) : temperature,
            topK,
            topP == null ? serving.topPOr(plain.topP()) : topP,
            plain.minP(),
            plain.presencePenalty(),
            plain.frequencyPenalty(),
            plain.repetitionPenalty(),
            plain.logitBias(),
            seed);
    return new TextRequest(
        prompt,
        maxTokens == null ? serving.maxTokensOr(STANDARD_MAX_TOKENS) : maxTokens,
        sampling,
        stop,
        -1,
        false);
  }
}
