package org.tantra.api;

import java.util.Optional;

/// All that a plugin may touch while it loads a model or an encoder. Implemented by the host.
///
/// The checkpoint and the compute threads stay usable until the loaded object is closed; the rest
/// is for the load alone.
public interface LoadContext {
  /// What `Config/<id>.yaml` says about this model, checked by the host; empty if there is no such
  /// file.
  Settings settings();

  /// The weights chosen for this model, with the files that were published beside them.
  ///
  /// @throws TantraException `NOT_FOUND` if there are none, saying where they were looked for;
  ///   `CORRUPT` or `UNSUPPORTED` if they cannot be read
  Checkpoint checkpoint();

  /// A further checkpoint by its role, such as `vocoder`; nothing if none is configured.
  Optional<Checkpoint> checkpoint(String role);

  /// The host's threads for arithmetic.
  Compute compute();

  /// Where to say how far loading has come.
  Progress progress();

  /// Whether loading should stop.
  Cancellation cancellation();
}
