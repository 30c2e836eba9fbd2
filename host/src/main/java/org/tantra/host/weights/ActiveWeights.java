package org.tantra.host.weights;

import java.nio.file.Path;
import java.util.Optional;

/// Which weight file a model is served from, if somebody has chosen one. Implemented by the store.
public interface ActiveWeights {
  /// The chosen file of a model type, if it is there. Cheap: asked for each request.
  Optional<Path> activeFile(String type);

  /// Nobody has chosen anything.
  ActiveWeights NONE = _ -> Optional.empty();
}
