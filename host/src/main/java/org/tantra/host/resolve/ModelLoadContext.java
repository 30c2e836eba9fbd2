package org.tantra.host.resolve;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadContext;
import org.tantra.api.Progress;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.host.weights.CheckpointPlace;
import org.tantra.host.weights.CheckpointStore;
import org.tantra.host.weights.OpenCheckpoint;

/// What one load may touch. Remembers the checkpoints it opened, for whoever keeps the loaded
/// model.
final class ModelLoadContext implements LoadContext {
  private final Point.Id model;
  private final LoadedInstance.Basis basis;
  private final CheckpointStore store;
  private final Compute compute;
  private final Progress progress;
  private final List<OpenCheckpoint> opened = new ArrayList<>(); // guarded by this
  private @Nullable OpenCheckpoint main; // guarded by this
  private volatile boolean cancelled;

  ModelLoadContext(
      Point.Id model,
      LoadedInstance.Basis basis,
      CheckpointStore store,
      Compute compute,
      Progress progress) {
    this.model = model;
    this.basis = basis;
    this.store = store;
    this.compute = compute;
    this.progress = progress;
  }

  @Override
  public Settings settings() {
    return basis.config().settings();
  }

  @Override
  public synchronized Checkpoint checkpoint() {
    CheckpointPlace place = basis.place();
    if (place == null) {
      throw new TantraException(
          ErrorKind.NOT_FOUND,
          model.capital() + " asked for a checkpoint but declares that it needs none.");
    }
    OpenCheckpoint open = main;
    if (open == null) {
      open = keep(store.open(place));
      main = open;
    }
    return open;
  }

  @Override
  public synchronized Optional<Checkpoint> checkpoint(String role) {
    String place = basis.config().checkpoints().get(role);
    if (place == null) {
      return Optional.empty();
    }
    CheckpointPlace found =
        store
            .find(model.name(), Optional.of(place))
            .orElseThrow(
                () ->
                    new TantraException(
                        ErrorKind.NOT_FOUND,
                        "Config/%s.yaml names '%s' as the %s of '%s', and there is no checkpoint there."
                            .formatted(model.name(), place, role, model.name())));
    return Optional.of(keep(store.open(found)));
  }

  private OpenCheckpoint keep(OpenCheckpoint checkpoint) {
    opened.add(checkpoint);
    if (cancelled) {
      opened.remove(checkpoint);
      checkpoint.close();
      throw new TantraException(
          ErrorKind.CANCELLED, "Loading '" + model.name() + "' was given up.");
    }
    return checkpoint;
  }

  /// Everything opened so far.
  synchronized List<OpenCheckpoint> checkpoints() {
    return List.copyOf(opened);
  }

  /// Tells the plugin to stop, and hands out nothing more.
  void cancel() {
    cancelled = true;
  }

  @Override
  public Compute compute() {
    return compute;
  }

  @Override
  public Progress progress() {
    return progress;
  }

  @Override
  public Cancellation cancellation() {
    return () -> cancelled;
  }
}
