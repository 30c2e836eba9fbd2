package org.tantra.nn.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class KernelChoiceTest {
  @Test
  void vectorsAreUsedWhereTheyAre() {
    KernelChoice choice = KernelChoice.choose("", true);
    assertInstanceOf(VectorKernels.class, choice.kernels());
    assertEquals("vector, " + VectorKernels.BITS + " bits", choice.reason());
  }

  @Test
  void missingModuleIsNamedWithItsRemedy() {
    KernelChoice choice = KernelChoice.choose("", false);
    assertInstanceOf(ScalarKernels.class, choice.kernels());
    assertTrue(choice.reason().endsWith("--add-modules jdk.incubator.vector"));
  }

  @Test
  void scalarCanBeAskedFor() {
    KernelChoice choice = KernelChoice.choose("scalar", true);
    assertInstanceOf(ScalarKernels.class, choice.kernels());
    assertTrue(choice.reason().contains("-Dtantra.kernels=scalar"));
  }
}
