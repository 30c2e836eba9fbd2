package org.tantra.plugin.pytorch;

import java.io.IOException;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.FileSlice;
import org.tantra.api.MappedFile;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// An open PyTorch file of either layout.
///
/// Metadata are the plain values of a checkpoint by their path (`epoch`, `dims.n_mels`), and for a
/// quantised weight `<name>.scale`, `<name>.zero_point` and, with one scale for each channel,
/// `<name>.axis`; several numbers are separated by spaces.
final class TorchFile implements WeightFile {
  /// A view may be larger than its storage, by strides of 0; a copy of it may not be much larger.
  private static final long FREE_EXPANDED_BYTES = 64L << 20;

  private static final long MAXIMUM_EXPANSION = 64;

  private static final Set<DType> QUANTISED = Set.of(DType.QI8, DType.QU8, DType.QI32);

  private final String version;
  private final Flattened checkpoint;
  private final Refusal refusal;
  private final @Nullable MappedFile file;
  private final List<TensorInfo> tensors;

  TorchFile(String version, Flattened checkpoint, Refusal refusal) {
    this(version, checkpoint, refusal, null);
  }

  private TorchFile(
      String version, Flattened checkpoint, Refusal refusal, @Nullable MappedFile file) {
    this.version = version;
    this.checkpoint = checkpoint;
    this.refusal = refusal;
    this.file = file;
    this.tensors =
        checkpoint.tensors().entrySet().stream()
            .map(e -> new TensorInfo(e.getKey(), e.getValue().dtype(), e.getValue().shape()))
            .toList();
  }

  /// The same checkpoint, which closes the file that its bytes lie in.
  TorchFile owning(MappedFile mapped) {
    return new TorchFile(version, checkpoint, refusal, mapped);
  }

  @Override
  public String formatVersion() {
    return version;
  }

  @Override
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>(checkpoint.scalars());
    checkpoint
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (tensor.quantizer() != null) {
                tensor.quantizer().describe(name, metadata);
              }
            });
    return Collections.unmodifiableMap(metadata);
  }

  @Override
  public List<TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public Optional<TensorInfo> info(String name) {
    return Optional.ofNullable(checkpoint.tensors().get(name))
        .map(tensor -> new TensorInfo(name, tensor.dtype(), tensor.shape()));
  }

  @Override
  public TensorView tensor(String name, SegmentAllocator scratch) {
    StridedTensor tensor = stored(name);
    long bytes = tensor.dtype().byteSize(tensor.shape().elements());
    if (bytes > FREE_EXPANDED_BYTES && bytes / MAXIMUM_EXPANSION > tensor.storage().byteSize()) {
      throw refusal.because(
          "resource-limit",
          "weight '"
              + name
              + "' repeats the "
              + tensor.storage().byteSize()
              + " bytes of its storage until they are "
              + bytes);
    }
    return tensor.view(scratch);
  }

  @Override
  public Optional<FileSlice> slice(String name) throws IOException {
    StridedTensor tensor = stored(name);
    return file == null || !tensor.isPlain() ? Optional.empty() : tensor.slice(file);
  }

  private StridedTensor stored(String name) {
    StridedTensor tensor = checkpoint.tensors().get(name);
    if (tensor == null) {
      throw new TantraException(
          ErrorKind.NOT_FOUND,
          "There is no weight '" + name + "' among the " + tensors.size() + " of this file.");
    }
    return tensor;
  }

  @Override
  public Set<DType> expands() {
    return QUANTISED;
  }

  /// As PyTorch's `dequantize`: the difference from the zero point and the product with the scale,
  /// each rounded to single precision.
  @Override
  public TensorView expanded(String name, SegmentAllocator scratch) {
    TensorView stored = tensor(name, scratch);
    StridedTensor tensor = stored(name);
    if (tensor.quantizer() == null || !QUANTISED.contains(stored.dtype())) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED, "Weight '" + name + "' is " + stored.dtype() + ", not quantised.");
    }
    return tensor.quantizer().expand(stored, scratch);
  }

  @Override
  public List<List<String>> shared() {
    IdentityHashMap<Storage, List<String>> names = new IdentityHashMap<>();
    List<List<String>> groups = new ArrayList<>();
    checkpoint
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (tensor.shape().elements() > 0) {
                List<String> group =
                    names.computeIfAbsent(tensor.storage(), _ -> new ArrayList<>());
                group.add(name);
                if (group.size() == 2) {
                  groups.add(group);
                }
              }
            });
    return groups.stream().map(Collections::unmodifiableList).toList();
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }
}
