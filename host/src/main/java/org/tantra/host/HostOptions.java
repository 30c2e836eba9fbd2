package org.tantra.host;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the caller of [Host#open(HostOptions)] decides beside the home folder's own configuration.
///
/// @param home folder with `Model/`, `Config/`, `plugins/`; made as needed
/// @param pluginFolders further drop-in folders, asked after the home's own; an installation's
///   bundled plugins
/// @param runtime `pf4j` or `felix`; null takes the one `Config/host.yaml` names
/// @param lowResource true or false overrides configuration and machine; null decides by them
public record HostOptions(
    Path home, List<Path> pluginFolders, @Nullable String runtime, @Nullable Boolean lowResource) {
  public HostOptions {
    requireNonNull(home, "home");
    pluginFolders = List.copyOf(pluginFolders);
  }

  /// A home folder with everything else as configured there.
  public static HostOptions at(Path home) {
    return new HostOptions(home, List.of(), null, null);
  }
}
