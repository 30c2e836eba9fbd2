package org.tantra.host.store;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where the store's files lie under a home folder.
///
/// @param home the home folder
record StoreFolder(Path home) {
  StoreFolder {
    home = home.toAbsolutePath().normalize();
  }

  Path model() {
    return home.resolve("Model");
  }

  Path weights() {
    return model().resolve("weights");
  }

  Path backups() {
    return model().resolve("backups");
  }

  Path registry() {
    return model().resolve("weight_config.json");
  }

  /// The registry as it was last written, beside it.
  Path lastGood() {
    return model().resolve(".weight_config.good.json");
  }

  Path lock() {
    return model().resolve(".weight_config.lock");
  }

  /// The entry's file: where it is said to lie, or else by its name in the store's own folders.
  Optional<Path> locate(WeightEntry entry) {
    String name = WeightNames.fileName(entry.path());
    List<Path> candidates = new ArrayList<>();
    try {
      candidates.add(home.resolve(entry.path()).normalize());
      for (Path folder : List.of(weights(), model(), model().resolve("checkpoints"))) {
        candidates.add(folder.resolve(name));
      }
    } catch (InvalidPathException _) {
      return Optional.empty(); // a name that this system does not have
    }
    return candidates.stream().filter(Files::isRegularFile).findFirst();
  }

  /// Where a file of that name is kept.
  Path place(String fileName) {
    return weights().resolve(fileName);
  }

  /// Whether a file is the store's own, so that the store may delete or replace it.
  boolean owns(Path file) {
    return file.toAbsolutePath().normalize().startsWith(model());
  }

  /// A path as the registry keeps it.
  String shown(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    return absolute.startsWith(home)
        ? home.relativize(absolute).toString().replace('\\', '/')
        : absolute.toString();
  }

  /// Every weight file that lies in `Model/weights`, by name.
  List<Path> weightFiles() throws IOException {
    return files(weights()).stream()
        .filter(file -> WeightNames.isWeightFile(file.getFileName().toString()))
        .toList();
  }

  /// Every file of a folder, hidden ones too, by name; none if there is no such folder.
  static List<Path> files(Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, Files::isRegularFile)) {
      files.forEach(found::add);
    } catch (NoSuchFileException | NotDirectoryException _) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    found.sort(null);
    return found;
  }
}
