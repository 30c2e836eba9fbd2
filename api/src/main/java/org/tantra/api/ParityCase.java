package org.tantra.api;

import java.util.Optional;

/// One golden case: a tiny checkpoint with inputs and expected outputs. Implemented by the host.
public interface ParityCase {
  /// The folder's name.
  String name();

  /// `family` of `expected.json`.
  String family();

  /// `expected.json`.
  Settings expected();

  /// The tensors of `expected.safetensors`: inputs and expected outputs. Nothing if the case has no
  /// such file.
  Optional<WeightSource> tensors();

  /// The folder as a checkpoint.
  Checkpoint checkpoint();

  /// Threads to compute on.
  Compute compute();
}
