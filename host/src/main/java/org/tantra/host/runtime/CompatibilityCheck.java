package org.tantra.host.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.tantra.api.Spi;

/// Whether a plugin can run here, decided before a runtime is asked, so that the answer is the same
/// in both.
public final class CompatibilityCheck {
  private final SemanticVersion spi;
  private final int javaRelease;
  private final SharedPackages shared;
  private final Set<String> packagesOfJava;

  /// @param spi version of the SPI that is offered
  /// @param javaRelease feature version of Java
  /// @param shared what plugins see of the host
  CompatibilityCheck(SemanticVersion spi, int javaRelease, SharedPackages shared) {
    this.spi = spi;
    this.javaRelease = javaRelease;
    this.shared = shared;
    this.packagesOfJava =
        ModuleLayer.boot().modules().stream()
            .flatMap(module -> module.getPackages().stream())
            .collect(Collectors.toUnmodifiableSet());
  }

  public static CompatibilityCheck ofThisHost(SharedPackages shared) {
    return new CompatibilityCheck(
        SemanticVersion.parse(Spi.VERSION), Runtime.version().feature(), shared);
  }

  /// Everything that stands against running a jar, in one sentence; nothing if it fits.
  ///
  /// @param running the plugins it could be wired to, by id
  public Optional<String> problem(StagedJar jar, Map<String, PluginManifest> running) {
    PluginManifest manifest = jar.manifest();
    List<String> needs = new ArrayList<>();
    if (!manifest.requires().admits(spi)) {
      needs.add("SPI %s and this host offers %s".formatted(manifest.requires(), spi));
    }
    if (jar.javaRelease() > javaRelease) {
      needs.add("Java %d and this is Java %d".formatted(jar.javaRelease(), javaRelease));
    }
    for (PluginManifest.Dependency dependency : manifest.dependencies()) {
      PluginManifest found = running.get(dependency.id());
      if (found == null) {
        needs.add("plugin %s and it does not run".formatted(dependency));
      } else if (!dependency.range().admits(found.version())) {
        needs.add("plugin %s and %s runs".formatted(dependency, found.version()));
      }
    }
    if (needs.isEmpty()) { // else packages are missing for a reason that has been given
      missingPackages(manifest, running)
          .forEach(
              wanted ->
                  needs.add(
                      "package %s, which neither the host nor a plugin it depends on offers"
                          .formatted(wanted)));
    }
    return needs.isEmpty()
        ? Optional.empty()
        : Optional.of("needs " + String.join("; needs ", needs));
  }

  private List<PackageImport> missingPackages(
      PluginManifest manifest, Map<String, PluginManifest> running) {
    List<PackageExport> offered = new ArrayList<>(manifest.exports());
    for (PluginManifest.Dependency dependency : manifest.dependencies()) {
      PluginManifest found = running.get(dependency.id());
      if (found != null) {
        offered.addAll(found.exports());
      }
    }
    return manifest.imports().stream()
        .filter(wanted -> !wanted.optional())
        .filter(wanted -> !packagesOfJava.contains(wanted.name()))
        .filter(wanted -> !shared.satisfies(wanted))
        .filter(wanted -> offered.stream().noneMatch(one -> one.satisfies(wanted)))
        .toList();
  }
}
