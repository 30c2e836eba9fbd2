package org.tantra.api;

/// Extension point: one type of model.
///
/// The object is cheap and has no state: the host makes one when the plugin starts, and may call it
/// from several threads. No I/O and no large allocation before [#load(LoadContext)].
public interface Model extends WeightPlan.Maker {
  /// Who this is. Called right after construction and now and then later; cheap, and always the
  /// same.
  ModelInfo info();

  /// Maps the weights and builds the network.
  ///
  /// Called on a fresh platform thread, possibly while an earlier load of the same model still
  /// serves. Must look at [LoadContext#cancellation()] in long steps. Closes what it opened if it
  /// fails.
  ///
  /// @throws TantraException with the kind that says whether a stand-in should be tried: every kind
  ///   but `INVALID` and `CANCELLED` moves on to the next one
  LoadedModel load(LoadContext context);

  /// Proves that a freshly loaded model answers as it should, before an update lets it serve.
  ///
  /// Called once per update, on the thread that loaded it. A plugin that ships golden outputs
  /// compares with them here; the default accepts.
  ///
  /// @throws TantraException if the answers are wrong; the update is undone and the old copy keeps
  ///   serving
  default void verify(LoadedModel loaded) {}
}
