package org.tantra.host.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where a checkpoint lies, found without opening it. Two equal places hold the same files,
/// unchanged.
///
/// @param name how messages call it, relative to the home folder
/// @param folder where the side files are
/// @param prefix what the names of its side files begin with; empty if the folder is its own
/// @param shared a folder with side files of all weights of its type, such as a tokenizer; null if
///   there is none. A configuration is never shared
/// @param weights the weight files: one, or an index followed by its shards
/// @param bytes size of the weight files together
/// @param lastModified newest change of any of them, in milliseconds since the epoch
public record CheckpointPlace(
    String name,
    Path folder,
    String prefix,
    @Nullable Path shared,
    List<Path> weights,
    long bytes,
    long lastModified) {
  static final String CONFIG = "config.json";

  public CheckpointPlace {
    weights = List.copyOf(weights);
  }

  /// What the side files of a weight file begin with that shares its folder with others.
  public static String ownPrefix(Path weights) {
    String name = String.valueOf(weights.getFileName());
    int dot = name.lastIndexOf('.');
    return (dot > 0 ? name.substring(0, dot) : name) + ".";
  }

  /// The side file of that name, if it is there.
  Optional<Path> sideFile(String fileName) {
    Path own = folder.resolve(prefix + fileName);
    if (Files.isRegularFile(own)) {
      return Optional.of(own);
    }
    return shared == null || fileName.equals(CONFIG)
        ? Optional.empty()
        : Optional.of(shared.resolve(fileName)).filter(Files::isRegularFile);
  }
}
