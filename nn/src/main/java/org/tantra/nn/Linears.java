package org.tantra.nn;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Compute;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.quant.Rounding;

/// Makes the linear maps of a network while it loads, in the form that was asked for.
///
/// Rounded weights lie as `[out, in]`, whichever way round the checkpoint has them, in memory of
/// their own; pages of the file that were read for them are given back. What is not F32 or F16, or
/// has inputs that do not fill whole blocks, stays as it is. Used by one thread.
public final class Linears {
  private final WeightForm form;
  private final SegmentAllocator memory;
  private final Compute compute;
  private final List<MemorySegment> rounded = new ArrayList<>();
  private long savedBytes;

  /// @param memory for rounded weights; outlives the network
  public Linears(WeightForm form, SegmentAllocator memory, Compute compute) {
    this.form = form;
    this.memory = memory;
    this.compute = compute;
  }

  /// Maps over weights as they are stored.
  public static Linears asStored(Compute compute) {
    return new Linears(
        WeightForm.AS_STORED, SegmentAllocator.prefixAllocator(MemorySegment.NULL), compute);
  }

  /// Where the maps compute.
  public Compute compute() {
    return compute;
  }

  /// As [Linear#rows].
  public Linear rows(TensorView weight, @Nullable TensorView bias) {
    return rounds(weight, false)
        ? Linear.rows(rounded(weight, false), bias, compute)
        : Linear.rows(weight, bias, compute);
  }

  /// As [Linear#columns].
  public Linear columns(TensorView weight, @Nullable TensorView bias) {
    return rounds(weight, true)
        ? Linear.rows(rounded(weight, true), bias, compute)
        : Linear.columns(weight, bias, compute);
  }

  /// As [#rows], for a weight that is also in use elsewhere, such as an embedding.
  public Linear sharedRows(TensorView weight, @Nullable TensorView bias) {
    if (rounds(weight, false)) {
      savedBytes -= weight.memory().byteSize();
    }
    return rows(weight, bias);
  }

  private boolean rounds(TensorView weight, boolean transposed) {
    long in = weight.shape().size(transposed ? 0 : 1);
    return switch (form) {
      case AS_STORED -> false;
      case BF16 -> weight.dtype() == DType.F32;
      case Q8_0, Q4_0 ->
          (weight.dtype() == DType.F32
                  || weight.dtype() == DType.F16
                  || weight.dtype() == DType.BF16)
              && in % Rounding.BLOCK == 0;
    };
  }

  private TensorView rounded(TensorView weight, boolean transposed) {
    DType dtype =
        switch (form) {
          case BF16 -> DType.BF16;
          case Q4_0 -> DType.Q4_0;
          case Q8_0, AS_STORED -> DType.Q8_0;
        };
    long in = weight.shape().size(transposed ? 0 : 1);
    long out = weight.shape().size(transposed ? 1 : 0);
    TensorView target =
        new TensorView(dtype, Shape.of(out, in), room(dtype, dtype.byteSize(in * out)));
    Rounding.round(weight, transposed, target, compute);
    if (weight.memory().isMapped()) {
      weight.memory().unload();
      rounded.add(weight.memory());
    }
    savedBytes += weight.memory().byteSize() - target.memory().byteSize();
    return target;
  }

  /// Blocks go into a Java array, from which they are read faster, as long as there is plenty of
  /// heap.
  private MemorySegment room(DType dtype, long bytes) {
    Runtime runtime = Runtime.getRuntime();
    long free = runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
    return dtype.blockElements() > 1 && bytes < Math.min(free / 4, Integer.MAX_VALUE - 8)
        ? MemorySegment.ofArray(new byte[(int) bytes])
        : memory.allocate(bytes, 64);
  }

  /// Gives back, once the network is made, pages of weights that were rounded: those next to a
  /// weight that is being read come back with it.
  public void forgetRounded() {
    rounded.forEach(MemorySegment::unload);
    rounded.clear();
  }

  /// How many bytes fewer the maps take than the weights they were made from.
  public long savedBytes() {
    return savedBytes;
  }
}
