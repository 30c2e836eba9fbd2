package org.tantra.host.store;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/// A copy of a weight in `Model/backups`.
///
/// @param name file name, which `restore` takes
/// @param file where it lies
/// @param entry what the registry said of the weight when it was copied
/// @param bytes size of the file
public record Backup(String name, Path file, WeightEntry entry, long bytes) {
  public Backup {
    requireNonNull(name, "name");
    requireNonNull(file, "file");
    requireNonNull(entry, "entry");
  }
}
