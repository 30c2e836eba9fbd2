package org.tantra.api;

/// An open weight file: a state dict whose views live until it is closed.
public interface WeightFile extends WeightSource, AutoCloseable {
  /// Version of the format as the file states it; empty if the format has none.
  String formatVersion();

  /// Unmaps the file; views of it throw from then on. Calling it again does nothing.
  @Override
  void close();
}
