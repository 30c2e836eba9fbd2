package org.tantra.nn.parity;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.tantra.api.ErrorKind;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// Collects findings about one golden case.
///
/// An element is inside tolerance if `|actual - expected| <= absolute + relative · |expected|`. An
/// output of the wrong length is infinitely far away. Used by one thread.
public final class Comparison {
  private final ParityCase golden;
  private final double absolute;
  private final double relative;
  private final List<Finding> findings = new ArrayList<>();
  private final Set<String> read = new TreeSet<>();

  /// @param absolute absolute part of the tolerance of real numbers
  /// @param relative relative part
  public Comparison(ParityCase golden, double absolute, double relative) {
    this.golden = requireNonNull(golden, "golden");
    this.absolute = absolute;
    this.relative = relative;
  }

  /// Whether the case has such a tensor.
  public boolean has(String name) {
    return golden.tensors().flatMap(tensors -> tensors.info(name)).isPresent();
  }

  /// The shape and dtype of a tensor of the case.
  ///
  /// @throws TantraException `NOT_FOUND` if there is none
  public TensorInfo info(String name) {
    return tensors().info(name).orElseThrow(() -> missing(name));
  }

  /// A tensor of real numbers, as input or expectation.
  ///
  /// @throws TantraException `NOT_FOUND` if there is none
  public float[] floats(String name) {
    info(name);
    read.add(name);
    try (Arena arena = Arena.ofConfined()) {
      return tensors().tensor(name, arena).toFloats();
    }
  }

  /// A tensor of I64, I32, I8 or U8, such as token ids, or of F32 that are all integers.
  ///
  /// @throws TantraException `NOT_FOUND` if there is none; `UNSUPPORTED` if it holds something else
  public int[] integers(String name) {
    info(name);
    read.add(name);
    try (Arena arena = Arena.ofConfined()) {
      TensorView view = tensors().tensor(name, arena);
      int[] values = new int[Math.toIntExact(view.shape().elements())];
      for (int i = 0; i < values.length; i++) {
        values[i] = integer(view, i, name);
      }
      return values;
    }
  }

  private static int integer(TensorView view, long index, String name) {
    return switch (view.dtype()) {
      case I64 -> Math.toIntExact(view.memory().get(TensorView.I64, index * 8));
      case I32 -> view.memory().get(TensorView.I32, index * 4);
      case I8 -> view.memory().get(ValueLayout.JAVA_BYTE, index);
      case U8 -> view.memory().get(ValueLayout.JAVA_BYTE, index) & 0xff;
      case F32 -> whole(view.floatAt(index), name);
      default ->
          throw new TantraException(
              ErrorKind.UNSUPPORTED,
              "Tensor '" + name + "' of the golden case is " + view.dtype() + ", not integers.");
    };
  }

  private static int whole(float value, String name) {
    if (value != (int) value) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "Tensor '" + name + "' of the golden case has " + value + ", which is no integer.");
    }
    return (int) value;
  }

  private WeightSource tensors() {
    return golden
        .tensors()
        .orElseThrow(
            () ->
                new TantraException(
                    ErrorKind.NOT_FOUND,
                    "Golden case '" + golden.name() + "' has no expected.safetensors."));
  }

  private TantraException missing(String name) {
    return new TantraException(
        ErrorKind.NOT_FOUND,
        "Golden case '" + golden.name() + "' has no tensor '" + name + "', which the check needs.");
  }

  /// Compares a whole tensor of real numbers.
  public void check(String name, float[] actual) {
    checkAs(name, name, actual);
  }

  /// Compares a whole tensor with numbers that came about in another way.
  ///
  /// @param output what the finding is called
  public void checkAs(String output, String name, float[] actual) {
    float[] expected = floats(name);
    boolean[] all = new boolean[expected.length];
    Arrays.fill(all, true);
    check(output, actual, expected, all);
  }

  /// Compares one real number that is not a tensor of the case.
  public void checkNumber(String name, double actual, double expected) {
    float[] one = {(float) expected};
    check(name, new float[] {(float) actual}, one, new boolean[] {true});
  }

  /// Compares the elements of a tensor whose `counts` is true.
  public void check(String name, float[] actual, boolean[] counts) {
    check(name, actual, floats(name), counts);
  }

  private void check(String name, float[] actual, float[] expected, boolean[] counts) {
    String tolerance = absolute + " + " + relative + "·|b|";
    if (actual.length != expected.length) {
      findings.add(wrongLength(name, tolerance));
      return;
    }
    double largestError = 0;
    double largestValue = 0;
    boolean within = true;
    for (int i = 0; i < expected.length; i++) {
      if (!counts[i]) {
        continue;
      }
      double error = Math.abs((double) actual[i] - expected[i]);
      largestError = Math.max(largestError, error);
      largestValue = Math.max(largestValue, Math.abs(expected[i]));
      within &= error <= absolute + relative * Math.abs(expected[i]);
    }
    double share = largestError == 0 ? 0 : largestError / largestValue;
    findings.add(new Finding(name, largestError, share, within, tolerance));
  }

  /// Compares integers, which must be equal.
  public void checkExactly(String name, int[] actual) {
    checkExactly(name, actual, integers(name));
  }

  /// Compares integers with some that are not a tensor of the case.
  public void checkExactly(String name, int[] actual, int[] expected) {
    if (actual.length != expected.length) {
      findings.add(wrongLength(name, "exact"));
      return;
    }
    double largestError = 0;
    double largestValue = 0;
    for (int i = 0; i < expected.length; i++) {
      largestError = Math.max(largestError, Math.abs((double) actual[i] - expected[i]));
      largestValue = Math.max(largestValue, Math.abs((double) expected[i]));
    }
    double share = largestError == 0 ? 0 : largestError / largestValue;
    findings.add(new Finding(name, largestError, share, largestError == 0, "exact"));
  }

  /// Compares integers that were rounded from real numbers, where arithmetic of another precision
  /// may end on the other side of a tie: a small share may differ by one.
  ///
  /// @param share how many may differ, 0..1
  /// @return whether all are equal
  public boolean checkRounded(String name, float[] actual, double share) {
    int[] integers = integers(name);
    float[] expected = new float[integers.length];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = integers[i];
    }
    return checkRounded(name, actual, expected, share);
  }

  /// Compares such integers with some that are not a tensor of the case.
  ///
  /// @return whether all are equal
  public boolean checkRounded(String name, float[] actual, float[] expected, double share) {
    String tolerance = share == 0 ? "exact" : "exact, " + share + " of them ± 1";
    if (actual.length != expected.length) {
      findings.add(wrongLength(name, tolerance));
      return false;
    }
    double largestError = 0;
    double largestValue = 0;
    int differing = 0;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs((double) actual[i] - expected[i]);
      differing += error == 0 ? 0 : 1;
      largestError = Math.max(largestError, error);
      largestValue = Math.max(largestValue, Math.abs(expected[i]));
    }
    boolean within = largestError <= 1 && differing <= share * expected.length;
    double relativeError = largestError == 0 ? 0 : largestError / largestValue;
    findings.add(new Finding(name, largestError, relativeError, within, tolerance));
    return differing == 0;
  }

  private static Finding wrongLength(String name, String tolerance) {
    return new Finding(name, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, false, tolerance);
  }

  /// Tensors of the case that nothing looked at yet: a check that ends with expected outputs among
  /// them is incomplete.
  public Set<String> unread() {
    Set<String> unread = new TreeSet<>();
    golden.tensors().ifPresent(all -> all.tensors().forEach(tensor -> unread.add(tensor.name())));
    unread.removeAll(read);
    return unread;
  }

  /// What was found so far, in the order of the comparisons.
  public List<Finding> findings() {
    return List.copyOf(findings);
  }
}
