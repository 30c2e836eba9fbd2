package org.tantra.host.parity;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.ErrorKind;
import org.tantra.api.ParityCase;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.host.weights.CheckpointPlace;
import org.tantra.host.weights.CheckpointStore;
import org.tantra.host.weights.OpenCheckpoint;
import org.tantra.host.weights.WeightOpener;

/// A golden case on disk.
final class GoldenCase implements ParityCase, AutoCloseable {
  /// Family of cases without weights: texts and their token ids.
  private static final String TOKENIZERS = "tokenizer";

  private final Path folder;
  private final OpenCheckpoint checkpoint;
  private final Settings expected;
  private final Compute compute;
  private final CheckpointStore store;
  private final List<OpenCheckpoint> others = new ArrayList<>();
  private WeightOpener.@Nullable Opened tensors;

  private GoldenCase(
      Path folder,
      CheckpointStore store,
      OpenCheckpoint checkpoint,
      Settings expected,
      Compute compute) {
    this.folder = folder;
    this.store = store;
    this.checkpoint = checkpoint;
    this.expected = expected;
    this.compute = compute;
  }

  static GoldenCase open(Path folder, CheckpointStore store, Compute compute) {
    Settings expected;
    try (OpenCheckpoint sideFiles = store.open(store.sideFiles(folder))) {
      expected = sideFiles.json("expected.json").orElseThrow();
    }
    Path weights = folder.resolve(expected.text("weights_file", ""));
    CheckpointPlace place = store.at(weights).orElseGet(() -> store.sideFiles(folder));
    return new GoldenCase(folder, store, store.open(place), expected, compute);
  }

  void tensors(WeightOpener.Opened opened) {
    tensors = opened;
  }

  @Override
  public String name() {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return name == null ? folder.toString() : name.toString();
  }

  @Override
  public String family() {
    // Cases of token ids came without one.
    return !expected.has("family") && expected.has("encoding")
        ? TOKENIZERS
        : expected.text("family");
  }

  @Override
  public Settings expected() {
    return expected;
  }

  @Override
  public Optional<WeightSource> tensors() {
    return tensors == null ? Optional.empty() : Optional.of(tensors.file());
  }

  @Override
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  @Override
  public Checkpoint checkpointOf(String name) {
    Path other = folder.toAbsolutePath().normalize().resolveSibling(name);
    // A name that leads elsewhere is no name of a case beside this one.
    if (!String.valueOf(other.getFileName()).equals(name)) {
      return ParityCase.super.checkpointOf(name);
    }
    OpenCheckpoint open =
        store
            .at(other)
            .map(store::open)
            .orElseThrow(
                () ->
                    new TantraException(
                        ErrorKind.NOT_FOUND,
                        "Case '%s' needs the weights of '%s', which are not beside it."
                            .formatted(name(), name)));
    others.add(open);
    return open;
  }

  @Override
  public Compute compute() {
    return compute;
  }

  @Override
  public void close() {
    try {
      if (tensors != null) {
        tensors.close();
      }
    } finally {
      others.forEach(OpenCheckpoint::close);
      checkpoint.close();
    }
  }
}
