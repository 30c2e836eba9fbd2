package org.tantra.host.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.Spi;

/// Whether a plugin can run here, decided before a runtime is asked, so that the answer is the same
/// in both.
///
/// @param spi version of the SPI this host offers
/// @param javaRelease feature version of the Java it runs on
public record CompatibilityCheck(SemanticVersion spi, int javaRelease) {
  public static CompatibilityCheck ofThisHost() {
    return new CompatibilityCheck(SemanticVersion.parse(Spi.VERSION), Runtime.version().feature());
  }

  /// Everything that stands against running a jar, in one sentence; nothing if it fits.
  ///
  /// @param running versions of the plugins it could be wired to, by id
  public Optional<String> problem(StagedJar jar, Map<String, SemanticVersion> running) {
    List<String> needs = new ArrayList<>();
    if (!jar.manifest().requires().admits(spi)) {
      needs.add("SPI %s and this host offers %s".formatted(jar.manifest().requires(), spi));
    }
    if (jar.javaRelease() > javaRelease) {
      needs.add("Java %d and this is Java %d".formatted(jar.javaRelease(), javaRelease));
    }
    for (PluginManifest.Dependency dependency : jar.manifest().dependencies()) {
      SemanticVersion version = running.get(dependency.id());
      if (version == null) {
        needs.add("plugin %s and it does not run".formatted(dependency));
      } else if (!dependency.range().admits(version)) {
        needs.add("plugin %s and %s runs".formatted(dependency, version));
      }
    }
    return needs.isEmpty()
        ? Optional.empty()
        : Optional.of("needs " + String.join("; needs ", needs));
  }
}
