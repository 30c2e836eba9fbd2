package org.tantra.plugin.longvita;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class FrameChoiceTest {
  @Test
  void framesOfSlowVideosAreShownForLonger() {
    assertEquals(List.of(0, 0, 1, 1, 2, 2), FrameChoice.CONTEXT_16K.ofFile(3, 0.5));
  }

  @Test
  void oneFrameIsEnough() {
    assertEquals(List.of(0), FrameChoice.CONTEXT_16K.ofFile(1, 25));
    assertEquals(List.of(0), FrameChoice.CONTEXT_16K.ofFolder(1));
  }

  @Test
  void longVideosFillTheContext() {
    assertEquals(63, FrameChoice.CONTEXT_16K.ofFile(100_000, 25).size());
    assertEquals(63, FrameChoice.CONTEXT_16K.ofFolder(1000).size());
  }
}
