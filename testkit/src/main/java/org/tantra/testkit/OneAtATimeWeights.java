package org.tantra.testkit;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// A source whose every tensor is a copy in scratch memory, and which fails when one is asked for
/// while the one before is still held. For one thread.
final class OneAtATimeWeights implements WeightSource {
  private final WeightSource source;
  private @Nullable MemorySegment previous;

  OneAtATimeWeights(WeightSource source) {
    this.source = source;
  }

  @Override
  public Map<String, String> metadata() {
    return source.metadata();
  }

  @Override
  public List<TensorInfo> tensors() {
    return source.tensors();
  }

  @Override
  public TensorView tensor(String name, SegmentAllocator scratch) {
    TensorView view = source.tensor(name, scratch);
    MemorySegment copy = scratch.allocate(view.memory().byteSize(), 1);
    MemorySegment held = previous;
    // A writer may end the previous scratch arena, or reuse its memory.
    if (held != null
        && held.scope().isAlive()
        && (held.byteSize() == 0 || held.asOverlappingSlice(copy).isEmpty())) {
      throw new AssertionError("'" + name + "' was asked for while another tensor was still held");
    }
    previous = copy;
    return new TensorView(view.dtype(), view.shape(), copy.copyFrom(view.memory()));
  }
}
