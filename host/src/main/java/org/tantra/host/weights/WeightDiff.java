package org.tantra.host.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tantra.api.Progress;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// How two state dicts differ; metadata and order do not count.
///
/// @param missing names only the first has
/// @param extra names only the second has
/// @param changed what differs among those that both have
/// @param equal how many are equal bit for bit, in type and in shape
public record WeightDiff(
    List<String> missing, List<String> extra, List<Change> changed, long equal) {
  public WeightDiff {
    missing = List.copyOf(missing);
    extra = List.copyOf(extra);
    changed = List.copyOf(changed);
  }

  /// One tensor that is not the same in both.
  ///
  /// @param largest largest absolute difference of two numbers at one place: 0 if only the type
  ///   differs, NaN if one is NaN and the other is not, or if the numbers cannot be compared: the
  ///   shapes differ, or the types are different ones that are not all floating point or quantised
  public record Change(TensorInfo first, TensorInfo second, double largest) {}

  public boolean same() {
    return missing.isEmpty() && extra.isEmpty() && changed.isEmpty();
  }

  static WeightDiff of(WeightSource first, WeightSource second, Progress progress) {
    List<String> missing = new ArrayList<>();
    List<Change> changed = new ArrayList<>();
    long equal = 0;
    List<TensorInfo> tensors = first.tensors();
    progress.stage("comparing");
    for (int i = 0; i < tensors.size(); i++) {
      TensorInfo info = tensors.get(i);
      Optional<TensorInfo> other = second.info(info.name());
      if (other.isEmpty()) {
        missing.add(info.name());
      } else if (!info.shape().equals(other.get().shape())) {
        changed.add(new Change(info, other.get(), Double.NaN));
      } else {
        Optional<Change> change = compare(info, first, other.get(), second);
        change.ifPresent(changed::add);
        equal += change.isEmpty() ? 1 : 0;
      }
      progress.advance(i + 1L, tensors.size());
    }
    List<String> extra =
        second.tensors().stream()
            .map(TensorInfo::name)
            .filter(name -> first.info(name).isEmpty())
            .toList();
    return new WeightDiff(missing, extra, changed, equal);
  }

  private static Optional<Change> compare(
      TensorInfo info, WeightSource first, TensorInfo other, WeightSource second) {
    try (Arena scratch = Arena.ofConfined()) {
      TensorView one = first.tensor(info.name(), scratch);
      TensorView two = second.tensor(info.name(), scratch);
      if (info.dtype() == other.dtype() && one.memory().mismatch(two.memory()) < 0) {
        return Optional.empty();
      }
      boolean numbers =
          Floats.readable(first, info.dtype()) && Floats.readable(second, other.dtype());
      double largest =
          numbers
              ? largest(Floats.view(first, info, scratch), Floats.view(second, other, scratch))
              : info.dtype() == other.dtype() && integer(info.dtype())
                  ? largestOfIntegers(one, two)
                  : Double.NaN;
      return Optional.of(new Change(info, other, largest));
    }
  }

  private static double largest(TensorView one, TensorView two) {
    double[] a = new double[1 << 13];
    double[] b = new double[a.length];
    double largest = 0;
    long elements = one.shape().elements();
    for (long at = 0; at < elements; at += a.length) {
      int count = (int) Math.min(a.length, elements - at);
      Floats.read(one.dtype(), one.memory(), at, a, count);
      Floats.read(two.dtype(), two.memory(), at, b, count);
      for (int i = 0; i < count; i++) {
        boolean equal = a[i] == b[i] || (Double.isNaN(a[i]) && Double.isNaN(b[i]));
        largest = equal ? largest : Math.max(largest, Math.abs(a[i] - b[i])); // NaN stays
      }
    }
    return largest;
  }

  private static boolean integer(DType dtype) {
    return switch (dtype) {
      case BOOL, U8, I8, U16, I16, U32, I32, U64, I64 -> true;
      default -> false;
    };
  }

  private static double largestOfIntegers(TensorView one, TensorView two) {
    long largest = 0; // unsigned: two 64-bit integers can be that far apart
    long elements = one.shape().elements();
    for (long i = 0; i < elements; i++) {
      long a = integer(one, i);
      long b = integer(two, i);
      boolean firstIsLarger = one.dtype() == DType.U64 ? Long.compareUnsigned(a, b) > 0 : a > b;
      long difference = firstIsLarger ? a - b : b - a;
      largest = Long.compareUnsigned(difference, largest) > 0 ? difference : largest;
    }
    return (largest >>> 1) * 2.0 + (largest & 1);
  }

  private static long integer(TensorView view, long index) {
    MemorySegment memory = view.memory();
    return switch (view.dtype()) {
      case BOOL, U8 -> memory.get(ValueLayout.JAVA_BYTE, index) & 0xff;
      case I8 -> memory.get(ValueLayout.JAVA_BYTE, index);
      case U16 -> memory.get(TensorView.BITS16, index * 2) & 0xffff;
      case I16 -> memory.get(TensorView.BITS16, index * 2);
      case U32 -> memory.get(TensorView.I32, index * 4) & 0xffff_ffffL;
      case I32 -> memory.get(TensorView.I32, index * 4);
      default -> memory.get(TensorView.I64, index * 8);
    };
  }
}
