package org.tantra.nn.kernel;

import org.tantra.api.tensor.TensorView;

/// The kernels in plain Java: the specification of [VectorKernels], and what runs without the
/// Vector API. Sums are F32, in the order of the index.
final class ScalarKernels implements Kernels {
  @Override
  public void rowProducts(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to) {
    int columns = Math.toIntExact(w.shape().size(1));
    float[] row = new float[columns];
    for (int r = from; r < to; r++) {
      Widening.row(w, r, 0, columns, row);
      for (int t = 0; t < tokens; t++) {
        float sum = 0;
        for (int c = 0; c < columns; c++) {
          sum += x[t * columns + c] * row[c];
        }
        out[t * outStride + r] += sum;
      }
    }
  }

  @Override
  public void columnProducts(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to) {
    int rows = Math.toIntExact(w.shape().size(0));
    float[] row = new float[to - from];
    for (int r = 0; r < rows; r++) {
      Widening.row(w, r, from, to, row);
      for (int t = 0; t < tokens; t++) {
        float factor = x[t * rows + r];
        int outAt = t * outStride + from;
        for (int c = 0; c < row.length; c++) {
          out[outAt + c] += factor * row[c];
        }
      }
    }
  }

  @Override
  public void combine(
      float[] out, int outAt, float[] x, int xAt, TensorView w, int rows, int columns) {
    float[] row = new float[columns];
    for (int r = 0; r < rows; r++) {
      Widening.row(w, r, 0, columns, row);
      float factor = x[xAt + r];
      for (int c = 0; c < columns; c++) {
        out[outAt + c] += factor * row[c];
      }
    }
  }

  @Override
  public void softmax(float[] x, int at, int length) {
    float highest = Float.NEGATIVE_INFINITY;
    for (int i = at; i < at + length; i++) {
      highest = Math.max(highest, x[i]);
    }
    double sum = 0;
    for (int i = at; i < at + length; i++) {
      x[i] = (float) Math.exp(x[i] - highest);
      sum += x[i];
    }
    float scale = (float) (1 / sum);
    for (int i = at; i < at + length; i++) {
      x[i] *= scale;
    }
  }

  @Override
  public void layerNorm(
      float[] out, int outAt, float[] x, int xAt, float[] gain, float[] bias, float epsilon) {
    int width = gain.length;
    double mean = 0;
    for (int i = 0; i < width; i++) {
      mean += x[xAt + i];
    }
    mean /= width;
    double variance = 0;
    for (int i = 0; i < width; i++) {
      double deviation = x[xAt + i] - mean;
      variance += deviation * deviation;
    }
    variance /= width;
    double scale = 1 / Math.sqrt(variance + epsilon);
    for (int i = 0; i < width; i++) {
      out[outAt + i] = (float) ((x[xAt + i] - mean) * scale) * gain[i] + bias[i];
    }
  }

  @Override
  public void geluTanh(float[] x, int at, int length) {
    for (int i = at; i < at + length; i++) {
      double v = x[i];
      double inner = Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v);
      x[i] = (float) (0.5 * v * (1 + Math.tanh(inner)));
    }
  }

  @Override
  public void geluErf(float[] x, int at, int length) {
    for (int i = at; i < at + length; i++) {
      double v = x[i];
      x[i] = (float) (0.5 * v * erfc(-v / Math.sqrt(2)));
    }
  }

  @Override
  public void swish(float[] x, int at, int length, float beta) {
    for (int i = at; i < at + length; i++) {
      double v = x[i];
      x[i] = (float) (v / (1 + Math.exp(-beta * v)));
    }
  }

  /// The complementary error function to 1.2e-7 relative, by a Chebyshev fit.
  ///
  /// @see <a href="https://numerical.recipes">Press et al., Numerical Recipes, section 6.2</a>
  static double erfc(double x) {
    double z = Math.abs(x);
    double t = 1 / (1 + 0.5 * z);
    double polynomial = ErfcFit.COEFFICIENTS[0];
    for (int i = 1; i < ErfcFit.COEFFICIENTS.length; i++) {
      polynomial = polynomial * t + ErfcFit.COEFFICIENTS[i];
    }
    double tail = t * Math.exp(-z * z + polynomial);
    return x >= 0 ? tail : 2 - tail;
  }
}
