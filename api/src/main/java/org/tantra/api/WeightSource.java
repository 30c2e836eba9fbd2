package org.tantra.api;

import java.lang.foreign.SegmentAllocator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// A state dict: weights by name. Safe to read from several threads.
public interface WeightSource {
  /// Free text that came with the weights, in the order of the file; often empty.
  Map<String, String> metadata();

  /// Every tensor, in the order of the file.
  List<TensorInfo> tensors();

  /// What is known about one tensor. The default searches [#tensors()].
  default Optional<TensorInfo> info(String name) {
    return tensors().stream().filter(tensor -> tensor.name().equals(name)).findFirst();
  }

  /// One tensor's numbers: a zero-copy view of the file where its bytes lie there in row-major
  /// order, otherwise a copy made in memory from `scratch`.
  ///
  /// @param scratch where a copy goes; the view then lives as long as that memory
  /// @throws TantraException `NOT_FOUND` if there is no such tensor; `CORRUPT` if its bytes fail
  ///   their checksum
  TensorView tensor(String name, SegmentAllocator scratch);

  /// Groups of names that share one storage, such as a tied embedding and head; names alone are not
  /// listed.
  default List<List<String>> shared() {
    return List.of();
  }
}
