package org.tantra.api;

/// Extension point: turns media into embeddings. The same rules as for [Model] hold for
/// construction and threads.
public interface Encoder extends WeightPlan.Maker {
  /// Who this is. Called once, right after construction; the answer must not change.
  EncoderInfo info();

  /// Maps the weights and builds the network; see [Model#load(LoadContext)].
  ///
  /// @throws TantraException as [Model#load(LoadContext)]
  LoadedEncoder load(LoadContext context);
}
