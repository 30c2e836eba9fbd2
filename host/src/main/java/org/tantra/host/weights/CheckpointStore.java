package org.tantra.host.weights;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Finds and opens checkpoints under a home folder: where the model's configuration points, else
/// the active weight of the store, else `Model/<id>/`.
public final class CheckpointStore {
  /// Names that published checkpoints use, the most specific first.
  private static final List<String> USUAL_NAMES =
      List.of(
          "model.safetensors.index.json",
          "pytorch_model.bin.index.json",
          "model.safetensors",
          "pytorch_model.bin",
          "model.pt",
          "model.pth",
          "model_file.pth",
          "model.gguf",
          "model.npz");

  private static final Set<String> WEIGHT_ENDINGS =
      Set.of("safetensors", "bin", "pt", "pth", "gguf", "npz", "npy");

  private final Path home;
  private final WeightOpener opener;
  private final ActiveWeights active;

  public CheckpointStore(Path home, WeightOpener opener, ActiveWeights active) {
    this.home = home;
    this.opener = opener;
    this.active = active;
  }

  /// Looks for a model's checkpoint without opening it.
  ///
  /// @param configured folder or file relative to the home folder, if the configuration names one
  /// @throws TantraException `INVALID` if several files could be meant, naming them
  public Optional<CheckpointPlace> find(String model, Optional<String> configured) {
    if (configured.isPresent()) {
      return at(home.resolve(configured.get()));
    }
    Optional<Path> chosen = active.activeFile(model);
    return chosen.isPresent() ? one(chosen.get(), model) : at(home.resolve("Model/" + model));
  }

  /// One weight file among others of its folder.
  private Optional<CheckpointPlace> one(Path file, String model) {
    try {
      CheckpointPlace place = place(file);
      return Optional.of(
          new CheckpointPlace(
              shown(file),
              place.folder(),
              CheckpointPlace.ownPrefix(file),
              home.resolve("Model").resolve(model),
              place.weights(),
              place.bytes(),
              place.lastModified()));
    } catch (NoSuchFileException _) {
      return Optional.empty(); // deleted this very moment
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private TantraException unreadable(Path file, IOException e) {
    return new TantraException(
        ErrorKind.INTERNAL, "'" + shown(file) + "' cannot be read: " + e + ".", e);
  }

  /// Where [#find(String, Optional)] looks, for messages.
  public static String lookedAt(String model, Optional<String> configured) {
    return configured.orElse("Model/" + model + "/");
  }

  /// The checkpoint in a folder, or of a single weight file.
  public Optional<CheckpointPlace> at(Path folderOrFile) {
    try {
      if (Files.isRegularFile(folderOrFile)) {
        return Optional.of(place(folderOrFile));
      }
      if (!Files.isDirectory(folderOrFile)) {
        return Optional.empty();
      }
      for (String name : USUAL_NAMES) {
        Path file = folderOrFile.resolve(name);
        if (Files.isRegularFile(file)) {
          return Optional.of(place(file));
        }
      }
      List<Path> others = weightFiles(folderOrFile);
      if (others.size() > 1) {
        throw new TantraException(
            ErrorKind.INVALID,
            "'%s' holds several weight files: %s. Name one in paths.checkpoint of the model's configuration."
                .formatted(shown(folderOrFile), others.stream().map(Path::getFileName).toList()));
      }
      return others.isEmpty() ? Optional.empty() : Optional.of(place(others.getFirst()));
    } catch (IOException e) {
      throw unreadable(folderOrFile, e);
    }
  }

  /// A folder's side files alone, without weights.
  public CheckpointPlace sideFiles(Path folder) {
    return new CheckpointPlace(shown(folder), folder, "", null, List.of(), 0, 0);
  }

  /// Opens a checkpoint; its weight files are opened when they are first asked for.
  public OpenCheckpoint open(CheckpointPlace place) {
    return new OpenCheckpoint(place, opener);
  }

  private CheckpointPlace place(Path file) throws IOException {
    List<Path> weights = new ArrayList<>(List.of(file));
    if (file.getFileName().toString().endsWith(".index.json")) {
      weights.addAll(shards(file));
    }
    long bytes = 0;
    long lastModified = 0;
    for (Path weight : weights) {
      if (!Files.isRegularFile(weight)) {
        throw new TantraException(
                ErrorKind.CORRUPT,
                "Shard '%s' of '%s' is missing. Fetch it again."
                    .formatted(weight.getFileName(), shown(file)))
            .withCode("missing-shard");
      }
      bytes += Files.size(weight);
      lastModified = Math.max(lastModified, Files.getLastModifiedTime(weight).toMillis());
    }
    Path folder = file.toAbsolutePath().getParent();
    return new CheckpointPlace(
        shown(folder == null ? file : folder),
        folder == null ? file : folder,
        "",
        null,
        weights,
        bytes,
        lastModified);
  }

  private static List<Path> shards(Path index) throws IOException {
    return ShardIndex.read(index).shards().stream().map(index::resolveSibling).toList();
  }

  private static List<Path> weightFiles(Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        String ending = name.substring(name.lastIndexOf('.') + 1);
        if (Files.isRegularFile(file)
            && WEIGHT_ENDINGS.contains(ending)
            && !name.startsWith(".")
            && !name.startsWith("expected.")) {
          found.add(file);
        }
      }
    }
    found.sort(null);
    return found;
  }

  private String shown(Path path) {
    Path absolute = path.toAbsolutePath();
    return absolute.startsWith(home.toAbsolutePath())
        ? home.toAbsolutePath().relativize(absolute).toString()
        : absolute.toString();
  }
}
