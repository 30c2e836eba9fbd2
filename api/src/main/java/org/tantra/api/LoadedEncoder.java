package org.tantra.api;

import org.tantra.api.tensor.TensorView;

/// An encoder ready to answer. Safe to use from several threads.
public interface LoadedEncoder extends AutoCloseable {
  /// See [LoadedModel#residentBytes()].
  long residentBytes();

  /// See [LoadedModel#fingerprint()].
  String fingerprint();

  /// The embedding of one item.
  ///
  /// @return F32 `[width]`, unit length, finite; equal input gives equal bits
  /// @throws TantraException `INVALID` if the item is empty, too large or not readable;
  ///   `UNSUPPORTED` if the encoder does not read this modality
  TensorView embed(Media item, Cancellation cancellation);

  /// Gives everything back. Called once the last request has ended; calling it again does nothing.
  @Override
  void close();
}
