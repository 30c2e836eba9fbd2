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

  /// The checkpoint of another case that lies beside this one, for cases that join several models;
  /// open for as long as this case is.
  ///
  /// @param name the other case's folder
  /// @throws TantraException `NOT_FOUND` if there is none
  default Checkpoint checkpointOf(String name) {
    throw new TantraException(
        ErrorKind.NOT_FOUND, "There is no case '" + name + "' beside '" + name() + "'.");
  }

  /// Threads to compute on.
  Compute compute();
}
