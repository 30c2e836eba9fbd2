package org.tantra.host.parity;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.ParityCase;
import org.tantra.api.Settings;
import org.tantra.api.WeightSource;
import org.tantra.host.weights.CheckpointPlace;
import org.tantra.host.weights.CheckpointStore;
import org.tantra.host.weights.OpenCheckpoint;
import org.tantra.host.weights.WeightOpener;

/// A golden case on disk.
final class GoldenCase implements ParityCase, AutoCloseable {
  private final Path folder;
  private final OpenCheckpoint checkpoint;
  private final Settings expected;
  private final Compute compute;
  private WeightOpener.@Nullable Opened tensors;

  private GoldenCase(Path folder, OpenCheckpoint checkpoint, Settings expected, Compute compute) {
    this.folder = folder;
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
    return new GoldenCase(folder, store.open(place), expected, compute);
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
    return expected.text("family");
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
      checkpoint.close();
    }
  }
}
