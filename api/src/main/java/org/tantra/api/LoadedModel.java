package org.tantra.api;

import java.util.Optional;

/// A model ready to answer. Safe to use from several threads; each request gets its own
/// [Generation] or result.
public interface LoadedModel extends AutoCloseable {
  /// Bytes of memory that closing this gives back: mapped weights, packed copies, tables. Measured,
  /// not guessed; may be called at any time.
  long residentBytes();

  /// The model's side of a capability, if it has it. The answer does not change while the model is
  /// loaded.
  <T extends Capability> Optional<T> as(Class<T> capability);

  /// What distinguishes the weights in use (a version, a digest prefix), or a word such as
  /// `builtin` for a model without weights. Part of the receipt that makes answers reproducible.
  String fingerprint();

  /// Gives everything back. Called once the last request has ended; calling it again does nothing.
  @Override
  void close();
}
