package org.tantra.nn;

import org.tantra.api.tensor.TensorView;

/// A table of vectors by id, read from mapped weights in F32, F16 or BF16.
public final class Embedding {
  private final TensorView table;
  private final int hidden;

  /// @param table `[ids, hidden]`
  /// @throws IllegalArgumentException if its rank or dtype is another one
  public Embedding(TensorView table) {
    if (table.shape().rank() != 2 || !Linear.supports(table.dtype())) {
      throw new IllegalArgumentException(
          "an embedding takes a table of rank 2 in F32, F16 or BF16, not "
              + table.dtype()
              + " "
              + table.shape());
    }
    this.table = table;
    this.hidden = Math.toIntExact(table.shape().size(1));
  }

  /// Adds the vector of `id` to the `hidden` elements of `out` from `outAt` on.
  ///
  /// @throws IndexOutOfBoundsException if there is no such id
  public void addTo(float[] out, int outAt, int id) {
    long first = (long) id * hidden;
    for (int i = 0; i < hidden; i++) {
      out[outAt + i] += table.floatAt(first + i);
    }
  }
}
