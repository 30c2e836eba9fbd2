package org.tantra.host.runtime;

import java.util.List;

/// A package that a jar offers to others, by its `Export-Package` header.
///
/// @param version OSGi version; `0` if none is stated
public record PackageExport(String name, String version) {
  /// @throws IllegalArgumentException if the version makes no sense
  public PackageExport {
    var _ = PackageImport.numbers(version);
  }

  static List<PackageExport> parse(String header) {
    return ManifestHeader.parse(header).stream()
        .flatMap(
            clause ->
                clause.names().stream()
                    .map(
                        name ->
                            new PackageExport(
                                name, clause.parameters().getOrDefault("version", "0"))))
        .toList();
  }

  boolean satisfies(PackageImport wanted) {
    return wanted.name().equals(name) && wanted.admits(version);
  }
}
