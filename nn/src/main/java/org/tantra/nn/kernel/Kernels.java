package org.tantra.nn.kernel;

import org.tantra.api.tensor.TensorView;

/// What layers are made of. Activations are F32 arrays, weights are views of memory at any
/// alignment: F32, F16, BF16 or any block type of whole blocks a row, `[rows, columns]`.
///
/// Every result is computed by one thread in an order that depends neither on how the work was
/// split nor on how many tokens are computed together: a token's numbers are bit for bit the same
/// in a batch, in a prefill and in a single step. Kernels check nothing but array bounds; safe from
/// several threads on different outputs.
public interface Kernels {
  /// Adds products with the rows of `w`: `out[t][r] += Σ_c x[t][c] · w[r][c]` for `from <= r < to`.
  ///
  /// @param out `[tokens, outStride]`; `outStride` is at least `to`
  /// @param x `[tokens, columns]`
  /// @throws UnsupportedOperationException if the dtype is another one
  void rowProducts(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to);

  /// Adds products with the columns of `w`: `out[t][c] += Σ_r x[t][r] · w[r][c]` for `from <= c <
  /// to`.
  ///
  /// @param out `[tokens, outStride]`; `outStride` is at least `to`
  /// @param x `[tokens, rows]`
  /// @throws UnsupportedOperationException if the dtype is another one
  void columnProducts(
      float[] out, int outStride, float[] x, int tokens, TensorView w, int from, int to);

  /// One row of [#columnProducts] over the first `rows` rows and `columns` columns of an F32 `w`,
  /// at offsets of longer arrays: what attention does with its cache.
  void combine(float[] out, int outAt, float[] x, int xAt, TensorView w, int rows, int columns);

  /// Adds one row of a table: `out[c] += w[row][c]`.
  ///
  /// @throws UnsupportedOperationException if the dtype is another one
  default void addRow(float[] out, int outAt, TensorView w, int row) {
    float[] values = new float[Math.toIntExact(w.shape().size(1))];
    Widening.row(w, row, 0, values.length, values);
    for (int c = 0; c < values.length; c++) {
      out[outAt + c] += values[c];
    }
  }

  /// Turns scores into probabilities in place: `x[i] = exp(x[i] - max) / Σ exp(x[j] - max)`.
  /// Not-a-number anywhere makes every result so.
  void softmax(float[] x, int at, int length);

  /// `out[i] = (x[i] - mean) / sqrt(variance + epsilon) · gain[i] + bias[i]` over one row of
  /// `gain.length` elements; `out` may be `x`. The variance is the mean square deviation.
  ///
  /// @see <a href="https://arxiv.org/abs/1607.06450">Ba, Kiros and Hinton 2016</a>
  void layerNorm(
      float[] out, int outAt, float[] x, int xAt, float[] gain, float[] bias, float epsilon);

  /// In place: `x · 0.5 (1 + tanh(sqrt(2/π) (x + 0.044715 x³)))`.
  ///
  /// @see <a href="https://arxiv.org/abs/1606.08415">Hendrycks and Gimpel 2016, section 2</a>
  void geluTanh(float[] x, int at, int length);

  /// In place: `x · 0.5 (1 + erf(x / sqrt(2)))`, erf to about 1e-7.
  void geluErf(float[] x, int at, int length);

  /// In place: `x / (1 + exp(-beta x))`; SiLU is beta 1.
  void swish(float[] x, int at, int length, float beta);
}
