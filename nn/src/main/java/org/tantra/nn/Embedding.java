package org.tantra.nn;

import org.tantra.api.tensor.TensorView;
import org.tantra.nn.kernel.KernelChoice;
import org.tantra.nn.kernel.Kernels;

/// A table of vectors by id, read from mapped weights of any type that [Linear] reads.
public final class Embedding {
  private final Kernels kernels = KernelChoice.current().kernels();
  private final TensorView table;

  /// @param table `[ids, hidden]`
  /// @throws IllegalArgumentException if its rank or dtype is another one
  public Embedding(TensorView table) {
    if (table.shape().rank() != 2 || !Linear.supports(table.dtype(), table.shape())) {
      throw new IllegalArgumentException(
          "an embedding takes a table of rank 2 in F32, F16, BF16 or whole blocks, not "
              + table.dtype()
              + " "
              + table.shape());
    }
    this.table = table;
  }

  /// Adds the vector of `id` to the `hidden` elements of `out` from `outAt` on.
  ///
  /// @throws IndexOutOfBoundsException if there is no such id
  public void addTo(float[] out, int outAt, int id) {
    kernels.addRow(out, outAt, table, id);
  }
}
