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

  /// A tensor of I64, I32 or I8, such as token ids.
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
      default ->
          throw new TantraException(
              ErrorKind.UNSUPPORTED,
              "Tensor '" + name + "' of the golden case is " + view.dtype() + ", not integers.");
    };
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
    float[] expected = floats(name);
    boolean[] all = new boolean[expected.length];
    Arrays.fill(all, true);
    check(name, actual, all);
  }

  /// Compares the elements of a tensor whose `counts` is true.
  public void check(String name, float[] actual, boolean[] counts) {
    float[] expected = floats(name);
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
