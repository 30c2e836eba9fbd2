package org.tantra.plugin.coqui;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.StateDict;

/// The part of a state dict below a prefix: checkpoints nest the network's weights under `model.`,
/// `model.model_g.` or `generator.`, or not at all.
record NamedWeights(StateDict all, String prefix) {
  /// The weights below whichever prefix has a weight of this name.
  ///
  /// @throws TantraException `CORRUPT` if none has
  static NamedWeights find(StateDict all, String anchor, List<String> prefixes) {
    for (String prefix : prefixes) {
      if (all.has(prefix + anchor)) {
        return new NamedWeights(all, prefix);
      }
    }
    throw new TantraException(
        ErrorKind.CORRUPT,
        "'%s' has no weight '%s', alone or below %s. It is no checkpoint of this kind, or it is damaged."
            .formatted(all.origin(), anchor, prefixes));
  }

  boolean has(String name) {
    return all.has(prefix + name);
  }

  int size(String name, int rank, int axis) {
    return all.size(prefix + name, rank, axis);
  }

  TensorView weight(String name, long... shape) {
    return all.weight(prefix + name, shape);
  }

  @Nullable TensorView weightIfPresent(String name, long... shape) {
    return all.weightIfPresent(prefix + name, shape);
  }

  /// How many numbered parts there are below a name such as `ups.`.
  int count(String name) {
    return all.layers(prefix + name);
  }
}
