package org.tantra.host.weights;

import java.nio.file.Path;
import java.util.List;

/// Where a checkpoint lies, found without opening it. Two equal places hold the same files,
/// unchanged.
///
/// @param name how messages call it, relative to the home folder
/// @param folder where the side files are
/// @param weights the weight files: one, or an index followed by its shards
/// @param bytes size of the weight files together
/// @param lastModified newest change of any of them, in milliseconds since the epoch
public record CheckpointPlace(
    String name, Path folder, List<Path> weights, long bytes, long lastModified) {
  public CheckpointPlace {
    weights = List.copyOf(weights);
  }
}
