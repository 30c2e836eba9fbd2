package org.tantra.plugin.coqui;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// Weights under weight normalisation, folded to the plain weights they stand for.
///
/// `w = g · v / ||v||`, the norm over all axes but the first. Older files name the two `weight_g`
/// and `weight_v`, newer ones `parametrizations.weight.original0` and `original1`; exported ones
/// have the plain weight, which is taken as it is. The folded weight takes the place of the
/// direction `v`, whose pages are given back by [#forgetCopied()].
///
/// @see <a href="https://arxiv.org/abs/1602.07868">Salimans and Kingma 2016</a>
final class FoldedWeights {
  private static final String[][] SPELLINGS = {
    {"weight_g", "weight_v"},
    {"parametrizations.weight.original0", "parametrizations.weight.original1"}
  };

  private final NamedWeights named;
  private final List<MemorySegment> copied = new ArrayList<>();

  FoldedWeights(NamedWeights named) {
    this.named = named;
  }

  /// The weights as they are stored.
  NamedWeights named() {
    return named;
  }

  /// Name of the weight that has the shape of a layer.
  private String direction(String layer) {
    for (String[] names : SPELLINGS) {
      if (named.has(layer + names[1])) {
        return layer + names[1];
      }
    }
    return layer + "weight";
  }

  /// One size of a layer's weight, which has three.
  int size(String layer, int axis) {
    return named.size(direction(layer), 3, axis);
  }

  /// @param layer such as `ups.0.`
  TensorView read(String layer, long... shape) {
    for (String[] names : SPELLINGS) {
      if (named.has(layer + names[1])) {
        TensorView direction = named.weight(layer + names[1], shape);
        copied(direction);
        return fold(named.weight(layer + names[0], shape[0], 1, 1), direction);
      }
    }
    return named.weight(layer + "weight", shape);
  }

  /// A convolution's weight, laid out by taps.
  ///
  /// @return `[kernel, in, out]`
  TensorView readByTaps(String layer, int out, int in, int kernel) {
    TensorView weight = read(layer, out, in, kernel);
    copied(weight);
    float[] rows = weight.toFloats();
    float[] taps = new float[rows.length];
    for (int o = 0; o < out; o++) {
      for (int c = 0; c < in; c++) {
        for (int k = 0; k < kernel; k++) {
          taps[(k * in + c) * out + o] = rows[(o * in + c) * kernel + k];
        }
      }
    }
    return TensorView.of(taps, kernel, in, out);
  }

  private void copied(TensorView weight) {
    if (weight.memory().isMapped()) {
      copied.add(weight.memory());
    }
  }

  /// Gives back the pages of all that was copied. When everything is read, and not sooner: with
  /// each page that is read the system maps those around it again.
  void forgetCopied() {
    copied.forEach(MemorySegment::unload);
    copied.clear();
  }

  private static TensorView fold(TensorView gain, TensorView direction) {
    Shape shape = direction.shape();
    float[] folded = direction.toFloats();
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
