package org.tantra.host.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Options of commands that open a host.
final class HostFlags {
  @Option(
      names = "--runtime",
      paramLabel = "NAME",
      description = "Plugin runtime: pf4j or felix. Default: as Config/host.yaml says.")
  private @Nullable String runtime;

  @Option(
      names = "--low-resource",
      negatable = true,
      description =
          "Prefer models meant for small machines. Default: TANTRA_LOW_RESOURCE, else by memory.")
  private @Nullable Boolean lowResource;

  @Nullable String runtime() {
    return runtime;
  }

  @Nullable Boolean lowResource() {
    return lowResource;
  }
}
