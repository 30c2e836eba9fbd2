package org.tantra.host.resolve;

import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.api.Capability;
import org.tantra.api.Media;
import org.tantra.api.tensor.TensorView;

/// Capability of a loaded encoder, seen as a model.
interface Embedding extends Capability {
  /// The embeddings of some items, in their order: on the heap, as wide as declared, finite, of
  /// unit length.
  ///
  /// @throws org.tantra.api.TantraException as [org.tantra.api.LoadedEncoder#embed]; `INTERNAL` if
  ///   the encoder gives something else
  List<TensorView> embed(List<Media> items, Cancellation cancellation);
}
