package org.tantra.nn.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.ErrorKind;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

final class ComparisonTest {
  private final Comparison comparison =
      new Comparison(
          new InMemoryCase(
              Map.of(
                  "real",
                  TensorView.of(new float[] {1, -10}, 2),
                  "whole",
                  new TensorView(
                      DType.I64, Shape.of(2), MemorySegment.ofArray(new long[] {5, -7})))),
          0.1,
          0.01);

  @Test
  void toleranceGrowsWithTheExpectedValue() {
    assertTrue(found(new float[] {1.1f, -10.19f}).within());
    assertFalse(found(new float[] {1.12f, -10}).within());
    assertFalse(found(new float[] {1, -10.21f}).within());
  }

  @Test
  void errorsAreTheLargestOnes() {
    Finding finding = found(new float[] {1.5f, -12});
    assertEquals(2, finding.maximumAbsolute(), 1e-6);
    assertEquals(0.2, finding.maximumRelative(), 1e-6);
    assertEquals("0.1 + 0.01·|b|", finding.tolerance());
  }

  @Test
  void notANumberIsOutside() {
    Finding finding = found(new float[] {Float.NaN, -10});
    assertFalse(finding.within());
    assertTrue(Double.isNaN(finding.maximumAbsolute()));
  }

  @Test
  void wrongLengthIsOutside() {
    assertFalse(found(new float[] {1}).within());
  }

  @Test
  void elementsThatDoNotCountMayDiffer() {
    comparison.check("real", new float[] {1, 99}, new boolean[] {true, false});
    assertTrue(comparison.findings().getLast().within());
  }

  @Test
  void integersMustBeEqual() {
    comparison.checkExactly("whole", new int[] {5, -7});
    assertTrue(comparison.findings().getLast().within());
    comparison.checkExactly("whole", new int[] {5, -6});
    assertFalse(comparison.findings().getLast().within());
    assertEquals(1, comparison.findings().getLast().maximumAbsolute());
    comparison.checkExactly("whole", new int[] {5});
    assertFalse(comparison.findings().getLast().within());
  }

  @Test
  void whatWasNotReadIsKnown() {
    comparison.floats("real");
    assertEquals(Set.of("whole"), comparison.unread());
  }

  @Test
  void missingTensorIsNamed() {
    TantraException e =
        assertThrows(TantraException.class, () -> comparison.check("other", new float[1]));
    assertEquals(ErrorKind.NOT_FOUND, e.kind());
    assertTrue(String.valueOf(e.getMessage()).contains("'other'"));
  }

  private Finding found(float[] actual) {
    comparison.check("real", actual);
    return comparison.findings().getLast();
  }

  private record InMemoryCase(Map<String, TensorView> views) implements ParityCase {
    @Override
    public String name() {
      return "in memory";
    }

    @Override
    public String family() {
      return "none";
    }

    @Override
    public Settings expected() {
      return Settings.empty("expected.json");
    }

    @Override
    public Optional<WeightSource> tensors() {
      return Optional.of(new InMemoryTensors(views));
    }

    @Override
    public Checkpoint checkpoint() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Compute compute() {
      return Compute.SERIAL;
    }
  }

  private record InMemoryTensors(Map<String, TensorView> views) implements WeightSource {
    @Override
    public Map<String, String> metadata() {
      return Map.of();
    }

    @Override
    public List<TensorInfo> tensors() {
      return views.entrySet().stream()
          .map(
              view ->
                  new TensorInfo(view.getKey(), view.getValue().dtype(), view.getValue().shape()))
          .toList();
    }

    @Override
    public TensorView tensor(String name, SegmentAllocator scratch) {
      return Objects.requireNonNull(views.get(name));
    }
  }
}
