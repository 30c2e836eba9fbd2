package org.tantra.api;

/// Why a generation ended.
public enum FinishReason {
  /// The model ended it, or a stop text was met.
  STOP,
  /// The token limit or the context was reached.
  LENGTH,
  /// It was cancelled.
  CANCELLED
}
