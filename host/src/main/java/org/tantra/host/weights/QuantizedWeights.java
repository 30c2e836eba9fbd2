package org.tantra.host.weights;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.ErrorKind;
import org.tantra.api.FileSlice;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// A state dict whose matrices come quantised; everything else as it is: vectors (norms, biases),
/// matrices whose rows do not fill whole blocks, and what is no plain floating point type. Keeps
/// count of what was lost. Memory beyond the answer itself is one row or a few blocks. For one
/// thread.
final class QuantizedWeights implements ChangedWeights {
  private static final int CHUNK = 1 << 13;

  private final WeightSource source;
  private final Quantization to;
  private final Map<String, TensorInfo> originals = new HashMap<>();
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, Sums> sums = new LinkedHashMap<>();

  /// Of one weight: numbers, how many changed, largest difference, squares of differences and of
  /// numbers.
  private record Sums(long numbers, long changed, double largest, double lost, double kept) {}

  /// @throws TantraException `INVALID` if there is nothing to quantise, or a name is taken
  QuantizedWeights(WeightSource source, Quantization to) {
    this.source = source;
    this.to = to;
    for (TensorInfo info : source.tensors()) {
      originals.put(info.name(), info);
    }
    int quantised = 0;
    for (TensorInfo info : source.tensors()) {
      if (!changes(info)) {
        tensors.put(info.name(), info);
        continue;
      }
      quantised++;
      tensors.put(info.name(), new TensorInfo(info.name(), to.dtype(), info.shape()));
      if (to == Quantization.INT8) {
        String scale = info.name() + Quantization.SCALE;
        if (originals.containsKey(scale)) {
          throw new TantraException(
              ErrorKind.INVALID,
              "There is a weight '%s' already, where the scales of '%s' would go."
                  .formatted(scale, info.name()));
        }
        tensors.put(scale, new TensorInfo(scale, DType.F32, Shape.of(info.shape().size(0))));
      }
    }
    if (quantised == 0) {
      throw new TantraException(
          ErrorKind.INVALID,
          "None of the %d weights can become %s: that takes floating point matrices%s."
              .formatted(
                  originals.size(),
                  to.id(),
                  to == Quantization.INT8 ? "" : " with rows of a multiple of 32 numbers"));
    }
  }

  private boolean changes(TensorInfo info) {
    Shape shape = info.shape();
    return info.dtype() != to.dtype()
        && Floats.readable(source, info.dtype())
        && shape.rank() >= 2
        && shape.elements() > 0
        && (to == Quantization.INT8 || shape.size(-1) % BlockRounding.BLOCK == 0);
  }

  @Override
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>(source.metadata());
    metadata.put("quantization", to.id());
    return metadata;
  }

  @Override
  public Settings attributes() {
    return source.attributes();
  }

  @Override
  public List<TensorInfo> tensors() {
    return List.copyOf(tensors.values());
  }

  @Override
  public Optional<TensorInfo> info(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  @Override
  public Optional<FileSlice> slice(String name) throws IOException {
    TensorInfo original = originals.get(name);
    return original != null && !changes(original) ? source.slice(name) : Optional.empty();
  }

  @Override
  public TensorView tensor(String name, SegmentAllocator scratch) {
    TensorInfo original = originals.get(name);
    if (original != null) {
      if (!changes(original)) {
        return source.tensor(name, scratch);
      }
      TensorView view = Floats.view(source, original, scratch);
      return to == Quantization.INT8 ? rows(name, view, scratch) : blocks(name, view, scratch);
    }
    TensorInfo scale = tensors.get(name);
    if (scale == null) {
      return source.tensor(name, scratch); // which says that there is none
    }
    String weight = name.substring(0, name.length() - Quantization.SCALE.length());
    TensorInfo quantised = requireNonNull(originals.get(weight), weight);
    return scales(name, Floats.view(source, quantised, scratch), scratch);
  }

  private TensorView blocks(String name, TensorView from, SegmentAllocator scratch) {
    int blockBytes = to == Quantization.Q8_0 ? BlockRounding.Q8_0_BYTES : BlockRounding.Q4_0_BYTES;
    long elements = from.shape().elements();
    MemorySegment memory = scratch.allocate(to.dtype().byteSize(elements), 64);
    Loss loss = new Loss();
    double[] wide = new double[CHUNK];
    float[] x = new float[CHUNK];
    float[] y = new float[CHUNK];
    for (long at = 0; at < elements; at += CHUNK) {
      int count = (int) Math.min(CHUNK, elements - at);
      read(name, from, at, wide, x, count);
      for (int i = 0; i < count; i += BlockRounding.BLOCK) {
        long place = (at + i) / BlockRounding.BLOCK * blockBytes;
        if (to == Quantization.Q8_0) {
          BlockRounding.q80(x, i, y, memory, place);
        } else {
          BlockRounding.q40(x, i, y, memory, place);
        }
      }
      loss.add(wide, y, count);
    }
    sums.put(name, loss.sums(elements));
    return new TensorView(to.dtype(), from.shape(), memory);
  }

  private TensorView rows(String name, TensorView from, SegmentAllocator scratch) {
    long elements = from.shape().elements();
    MemorySegment memory = scratch.allocate(elements, 64);
    Loss loss = new Loss();
    double[] wide = new double[CHUNK];
    float[] x = new float[CHUNK];
    float[] y = new float[CHUNK];
    long rows = from.shape().size(0);
    long width = elements / rows;
    for (long row = 0; row < rows; row++) {
      float scale = scale(name, from, row * width, width, wide, x);
      for (long at = 0; at < width; at += CHUNK) {
        int count = (int) Math.min(CHUNK, width - at);
        read(name, from, row * width + at, wide, x, count);
        for (int i = 0; i < count; i++) {
          byte rounded = scale == 0 ? 0 : (byte) Math.rint(x[i] / scale);
          memory.set(ValueLayout.JAVA_BYTE, row * width + at + i, rounded);
          y[i] = rounded * scale;
        }
        loss.add(wide, y, count);
      }
    }
    sums.put(name, loss.sums(elements));
    return new TensorView(DType.I8, from.shape(), memory);
  }

  private TensorView scales(String name, TensorView from, SegmentAllocator scratch) {
    long rows = from.shape().size(0);
    long width = from.shape().elements() / rows;
    MemorySegment memory = scratch.allocate(rows * 4, 64);
    double[] wide = new double[CHUNK];
    float[] x = new float[CHUNK];
    for (long row = 0; row < rows; row++) {
      memory.set(TensorView.F32, row * 4, scale(name, from, row * width, width, wide, x));
    }
    return new TensorView(DType.F32, Shape.of(rows), memory);
  }

  /// The scale that takes the number farthest from zero to 127.
  private static float scale(
      String name, TensorView from, long first, long width, double[] wide, float[] x) {
    float largest = 0;
    for (long at = 0; at < width; at += CHUNK) {
      int count = (int) Math.min(CHUNK, width - at);
      read(name, from, first + at, wide, x, count);
      for (int i = 0; i < count; i++) {
        largest = Math.max(largest, Math.abs(x[i]));
      }
    }
    return largest / 127;
  }

  private static void read(
      String name, TensorView from, long at, double[] wide, float[] x, int count) {
    Floats.read(from.dtype(), from.memory(), at, wide, count);
    for (int i = 0; i < count; i++) {
      x[i] = (float) wide[i];
      if (!Float.isFinite(x[i])) {
        throw new TantraException(
            ErrorKind.CORRUPT,
            "Weight '%s' holds %s at place %d, which cannot be quantised."
                .formatted(name, wide[i], at + i));
      }
    }
  }

  /// What quantising did to the weights handed out so far.
  Quantization.Loss loss() {
    long numbers = 0;
    double largest = 0;
    double lost = 0;
    double kept = 0;
    for (Sums one : new ArrayList<>(sums.values())) {
      numbers += one.numbers();
      largest = Math.max(largest, one.largest());
      lost += one.lost();
      kept += one.kept();
    }
    return new Quantization.Loss(
        sums.size(), numbers, largest, kept == 0 ? 0 : Math.sqrt(lost / kept));
  }

  @Override
  public Rounding rounding() {
    return sums.values().stream()
        .map(one -> new Rounding(one.numbers(), one.changed(), 0, one.largest()))
        .reduce(Rounding.NONE, Rounding::plus);
  }

  private static final class Loss {
    private long changed;
    private double largest;
    private double lost;
    private double kept;

    void add(double[] before, float[] after, int count) {
      for (int i = 0; i < count; i++) {
        double difference = before[i] - after[i];
        changed += difference == 0 ? 0 : 1;
        largest = Math.max(largest, Math.abs(difference));
        lost += difference * difference;
        kept += before[i] * before[i];
      }
    }

    Sums sums(long numbers) {
      return new Sums(numbers, changed, largest, lost, kept);
    }
  }
}
