package org.tantra.host.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TextRequest;
import org.tantra.host.Host;
import org.tantra.host.resolve.TextCall;
import picocli.CommandLine.Option;

/// Options that say who answers and how tokens are chosen.
final class AnswerFlags {
  @Option(
      names = {"-m", "--model"},
      paramLabel = "ID",
      description = "Who answers. Default: models.default of Config/host.yaml.")
  private @Nullable String model;

  @Option(
      names = {"-n", "--max-tokens"},
      paramLabel = "N",
      description = "Most tokens to add. Default: ${DEFAULT-VALUE}.")
  private int maxTokens = 256;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "0 takes the likeliest token; at most 2. Default: ${DEFAULT-VALUE}.")
  private double temperature = 1;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Draw from the K likeliest tokens; 0 from all.")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Draw from the likeliest tokens that add up to P. Default: ${DEFAULT-VALUE}.")
  private double topP = 1;

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
  TextCall call(Host host, Prompt prompt, Cancellation cancellation) {
    Sampling plain = Sampling.DEFAULT;
    Sampling sampling =
        new Sampling(
            temperature,
            topK,
            topP,
            plain.minP(),
            plain.presencePenalty(),
            plain.frequencyPenalty(),
            plain.repetitionPenalty(),
            plain.logitBias(),
            seed);
    return new TextCall(
        model == null ? host.config().models().standard() : model,
        new TextRequest(prompt, maxTokens, sampling, stop, -1, false),
        !noFallback,
        cancellation);
  }
}
