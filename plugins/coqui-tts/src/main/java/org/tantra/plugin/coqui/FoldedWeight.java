package org.tantra.plugin.coqui;

import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// A weight under weight normalisation, folded to the plain weight it stands for.
///
/// `w = g · v / ||v||`, the norm over all axes but the first. Older files name the two `weight_g`
/// and `weight_v`, newer ones `parametrizations.weight.original0` and `original1`; exported ones
/// have the plain weight, which is taken as it is. The folded weight takes the place of the
/// direction `v`, whose pages are given back.
///
/// @see <a href="https://arxiv.org/abs/1602.07868">Salimans and Kingma 2016</a>
final class FoldedWeight {
  private static final String[][] SPELLINGS = {
    {"weight_g", "weight_v"},
    {"parametrizations.weight.original0", "parametrizations.weight.original1"}
  };

  private FoldedWeight() {}

  /// Name of the weight that has the shape of a layer.
  private static String direction(NamedWeights weights, String layer) {
    for (String[] names : SPELLINGS) {
      if (weights.has(layer + names[1])) {
        return layer + names[1];
      }
    }
    return layer + "weight";
  }

  /// One size of a layer's weight, which has three.
  static int size(NamedWeights weights, String layer, int axis) {
    return weights.size(direction(weights, layer), 3, axis);
  }

  /// @param layer such as `ups.0.`
  static TensorView read(NamedWeights weights, String layer, long... shape) {
    for (String[] names : SPELLINGS) {
      if (weights.has(layer + names[1])) {
        return fold(
            weights.weight(layer + names[0], shape[0], 1, 1),
            weights.weight(layer + names[1], shape));
      }
    }
    return weights.weight(layer + "weight", shape);
  }

  private static TensorView fold(TensorView gain, TensorView direction) {
    Shape shape = direction.shape();
    float[] folded = direction.toFloats();
    if (direction.memory().isMapped()) {
      direction.memory().unload();
    }
    int rows = Math.toIntExact(shape.size(0));
    int length = folded.length / rows;
    for (int row = 0; row < rows; row++) {
      double square = 0;
      for (int i = row * length; i < (row + 1) * length; i++) {
        square += (double) folded[i] * folded[i];
      }
      double factor = gain.floatAt(row) / Math.sqrt(square);
      for (int i = row * length; i < (row + 1) * length; i++) {
        folded[i] = (float) (folded[i] * factor);
      }
    }
    return TensorView.of(folded, shape.toArray());
  }
}
