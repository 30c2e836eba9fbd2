package org.tantra.host.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A plugin jar's private copy, proven whole: every entry has been read and its checksum is right.
///
/// @param source the file it was copied from
/// @param path the copy; belongs to one owner, who deletes it through [Stager#discard(StagedJar)]
/// @param sha256 of all bytes, in hexadecimal
/// @param manifest what the jar says about itself
/// @param providers class names by the name of the extension point's interface
/// @param packages every package that has classes in the jar
/// @param javaRelease the newest Java release that one of its classes needs
public record StagedJar(
    Path source,
    Path path,
    String sha256,
    PluginManifest manifest,
    Map<String, List<String>> providers,
    Set<String> packages,
    int javaRelease) {
  public StagedJar {
    providers = Map.copyOf(providers);
    packages = Set.copyOf(packages);
  }

  public String id() {
    return manifest.id();
  }

  StagedJar at(Path other) {
    return new StagedJar(source, other, sha256, manifest, providers, packages, javaRelease);
  }

  /// As in messages: `gpt2 1.0.0`.
  @Override
  public String toString() {
    return manifest.id() + " " + manifest.version();
  }
}
