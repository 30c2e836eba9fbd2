package org.tantra.host.weights;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tantra.api.Progress;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// Everything there is to say about a weight file without judging it.
///
/// @param format id of the format that reads it
/// @param version of the format; empty if it has none
/// @param metadata free text that came with the weights, in the order of the file
/// @param tensors every tensor, in the order of the file
/// @param shared groups of names that share one storage
public record WeightInspection(
    String format,
    String version,
    Map<String, String> metadata,
    List<Tensor> tensors,
    List<List<String>> shared) {
  public WeightInspection {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    tensors = List.copyOf(tensors);
    shared = List.copyOf(shared);
  }

  /// One tensor.
  ///
  /// @param bytes size of its row-major, little-endian bytes
  /// @param sha256 of these bytes, in hex
  public record Tensor(String name, DType dtype, Shape shape, long bytes, String sha256) {}

  /// Reads every byte of an open file.
  static WeightInspection of(WeightOpener.Opened opened, Progress progress) {
    List<TensorInfo> infos = opened.file().tensors();
    long total = infos.stream().mapToLong(TensorInfo::byteSize).sum();
    long done = 0;
    progress.stage("reading");
    List<Tensor> tensors = new ArrayList<>(infos.size());
    for (TensorInfo info : infos) {
      try (Arena scratch = Arena.ofConfined()) {
        TensorView view = opened.file().tensor(info.name(), scratch);
        long bytes = view.memory().byteSize();
        tensors.add(
            new Tensor(
                info.name(), view.dtype(), view.shape(), bytes, Digests.sha256(view.memory())));
        done += bytes;
        progress.advance(done, total);
      }
    }
    return new WeightInspection(
        opened.format(),
        opened.file().formatVersion(),
        opened.file().metadata(),
        tensors,
        opened.file().shared());
  }
}
