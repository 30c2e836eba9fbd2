package org.tantra.host.cli;

import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.host.resolve.Call;
import picocli.CommandLine.Option;

/// Options that say who answers, for commands that need not name anybody.
final class MediaFlags {
  @Option(
      names = {"-m", "--model"},
      paramLabel = "ID",
      description = "Who answers. Default: models.preferred of Config/host.yaml, else whoever can.")
  private @Nullable String model;

  @Option(
      names = "--no-fallback",
      description = "The first choice answers itself or its error is told; no stand-in.")
  private boolean noFallback;

  <Q> Call<Q> call(Q request, Cancellation cancellation) {
    return new Call<>(model, request, !noFallback, cancellation);
  }
}
