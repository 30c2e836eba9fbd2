package org.tantra.host.resolve;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tantra.api.LoadedModel;
import org.tantra.api.WeightPlan;
import org.tantra.host.concurrent.UseCount;
import org.tantra.host.config.ModelConfig;
import org.tantra.host.registry.Lease;
import org.tantra.host.registry.PluginRef;
import org.tantra.host.weights.CheckpointPlace;
import org.tantra.host.weights.OpenCheckpoint;

/// One loaded model or encoder with all it stands on: the lease on its plugin, its open
/// checkpoints, what it was configured with.
final class LoadedInstance {
  private final Point.Id id;
  private final Lease<? extends WeightPlan.Maker> lease;
  private final LoadedModel model;
  private final List<OpenCheckpoint> checkpoints;
  private final Basis basis;
  private final String fingerprint;
  private final long parameters;
  private final long residentBytes;
  private final boolean untrained;
  private final UseCount uses = new UseCount();
  private volatile long lastUsedNanos;

  /// What a loaded model depends on; when it changes, the model is loaded anew.
  ///
  /// @param plugin the copy whose code runs
  /// @param config what its file says
  /// @param place the checkpoint; null for a model without weights
  record Basis(PluginRef plugin, ModelConfig config, @Nullable CheckpointPlace place) {}

  LoadedInstance(
      Point.Id id,
      Lease<? extends WeightPlan.Maker> lease,
      LoadedModel model,
      List<OpenCheckpoint> checkpoints,
      Basis basis,
      String fingerprint,
      long parameters,
      long residentBytes) {
    this.id = id;
    this.lease = lease;
    this.model = model;
    this.checkpoints = List.copyOf(checkpoints);
    this.basis = basis;
    this.fingerprint = fingerprint;
    this.parameters = parameters;
    this.residentBytes = residentBytes;
    this.untrained = checkpoints.stream().anyMatch(OpenCheckpoint::untrained);
    touch();
  }

  Point.Id id() {
    return id;
  }

  Lease<? extends WeightPlan.Maker> lease() {
    return lease;
  }

  LoadedModel model() {
    return model;
  }

  Basis basis() {
    return basis;
  }

  String fingerprint() {
    return fingerprint;
  }

  long parameters() {
    return parameters;
  }

  long residentBytes() {
    return residentBytes;
  }

  UseCount uses() {
    return uses;
  }

  /// Whether any of its weights are marked as untrained.
  boolean untrained() {
    return untrained;
  }

  /// Every plugin copy whose code this uses: the model's own and those of its weight formats.
  Set<PluginRef> plugins() {
    Set<PluginRef> plugins = new HashSet<>(Set.of(lease.plugin()));
    checkpoints.forEach(checkpoint -> plugins.addAll(checkpoint.plugins()));
    return plugins;
  }

  /// Remembers that somebody used it now, for choosing what to evict.
  void touch() {
    lastUsedNanos = System.nanoTime();
  }

  long lastUsedNanos() {
    return lastUsedNanos;
  }

  /// Gives checkpoints and lease back, after the model itself was closed.
  void release() {
    try {
      checkpoints.reversed().forEach(OpenCheckpoint::close);
    } finally {
      lease.close();
    }
  }
}
