package org.tantra.host.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TextRequest;
import org.tantra.host.Host;
import org.tantra.host.config.ServeConfig;
import org.tantra.host.resolve.Call;
import picocli.CommandLine.Option;

/// Options that say who answers and how tokens are chosen.
final class AnswerFlags {
  private static final int STANDARD_MAX_TOKENS = 256;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "ID",
      description = "Who answers. Default: models.default of Config/host.yaml.")
  private @Nullable String model;

  @Option(
      names = {"-n", "--max-tokens"},
      paramLabel = "N",
      description = "Most tokens to add. Default: serve.max_tokens of the model's file, else 256.")
  private @Nullable Integer maxTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description =
          "0 takes the likeliest token; at most 2. Default: serve.temperature of the model's file, "
              + "else 1.")
  private @Nullable Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Draw from the K likeliest tokens; 0 from all.")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description =
          "Draw from the likeliest tokens that add up to P. Default: serve.top_p of the model's "
              + "file, else 1.")
  private @Nullable Double topP;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Same seed, weights and version, same tokens.")
  private @Nullable Long seed;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "Ends the answer; may be given several times.")
  private List<String> stop = List.of();

  @Option(
      names = "--no-fallback",
      description = "The model answers itself or its error is told; no stand-in.")
  private boolean noFallback;

  /// @throws org.tantra.api.TantraException `INVALID` if a value is out of range
  Call<TextRequest> call(Host host, Prompt prompt, Cancellation cancellation) {
    String asked = model == null ? host.config().models().standard() : model;
    ServeConfig serving = host.configs().serving(asked);
    Sampling plain = Sampling.DEFAULT;
    Sampling sampling =
        new Sampling(
            temperature == null ? serving.temperatureOr(1) : temperature,
            topK,
            topP == null ? serving.topPOr(1) : topP,
            plain.minP(),
            plain.presencePenalty(),
            plain.frequencyPenalty(),
            plain.repetitionPenalty(),
            plain.logitBias(),
            seed);
    return new Call<>(
        asked,
        new TextRequest(
            prompt,
            maxTokens == null ? serving.maxTokensOr(STANDARD_MAX_TOKENS) : maxTokens,
            sampling,
            stop,
            -1,
            false),
        !noFallback,
        cancellation);
  }
}
