package org.tantra.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;

/// Assertions about state dicts.
public final class WeightAssertions {
  private WeightAssertions() {}

  /// The same names with the same dtypes, shapes and bits, in any order; metadata is not looked at.
  public static void assertSameTensors(WeightSource expected, WeightSource actual) {
    assertEquals(sorted(expected), sorted(actual), "names, dtypes and shapes");
    for (TensorInfo info : expected.tensors()) {
      try (Arena scratch = Arena.ofConfined()) {
        TensorView wanted = expected.tensor(info.name(), scratch);
        TensorView got = actual.tensor(info.name(), scratch);
        assertEquals(info.dtype(), got.dtype(), info.name());
        assertEquals(info.shape(), got.shape(), info.name());
        assertEquals(
            -1,
            wanted.memory().mismatch(got.memory()),
            () -> "first byte that differs in '" + info.name() + "' " + info.dtype());
      }
    }
  }

  /// Every tensor is listed once, is as its info says, and all of its bytes can be read.
  public static void assertReadable(WeightSource source) {
    Set<String> names = new HashSet<>();
    for (TensorInfo info : source.tensors()) {
      assertTrue(names.add(info.name()), () -> "listed twice: '" + info.name() + "'");
      assertEquals(Optional.of(info), source.info(info.name()));
      try (Arena scratch = Arena.ofConfined()) {
        TensorView view = source.tensor(info.name(), scratch);
        assertEquals(info.dtype(), view.dtype(), info.name());
        assertEquals(info.shape(), view.shape(), info.name());
        scratch.allocate(view.memory().byteSize(), 1).copyFrom(view.memory());
      }
    }
  }

  private static List<TensorInfo> sorted(WeightSource source) {
    return source.tensors().stream().sorted(Comparator.comparing(TensorInfo::name)).toList();
  }
}
