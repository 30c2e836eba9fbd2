package org.tantra.media;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

final class WavSoundTest {
  private static final float[] SAMPLES = {0, 0.5f, -0.5f, 1, -1, 0.25f};

  @Test
  void floatFilesComeBackAsTheyWere() {
    Sound sound = open(WavWriter.fileFloat(SAMPLES, 44_100, 2));
    assertEquals(44_100, sound.sampleRateHz());
    assertEquals(2, sound.channels());
    assertArrayEquals(SAMPLES, all(sound));
  }

  @Test
  void sixteenBitFilesComeBackWithinOneStep() {
    float[] back = all(open(WavWriter.file16(SAMPLES, 16_000, 1)));
    assertArrayEquals(SAMPLES, back, 1f / 32_000);
  }

  @Test
  void streamsAreReadUntilTheirEnd() {
    byte[] header = WavWriter.streamHeader16(8000, 1);
    byte[] file = Arrays.copyOf(header, header.length + 7);
    assertEquals(3, all(open(file)).length);
  }

  @Test
  void everyCutIsReadOrRefusedWithAReason() {
    byte[] file = WavWriter.file16(SAMPLES, 16_000, 2);
    for (int length = 0; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      if (length >= 44) {
        assertEquals((length - 44) / 4 * 2, all(open(cut)).length);
      } else {
        TantraException e = assertThrows(TantraException.class, () -> open(cut));
        assertEquals(ErrorKind.INVALID, e.kind());
      }
    }
  }

  @Test
  void damagedHeadersEndInAResultOrAnError() {
    Random random = new Random(7);
    byte[] file = WavWriter.file16(SAMPLES, 16_000, 2);
    for (int i = 0; i < 5000; i++) {
      byte[] damaged = file.clone();
      for (int k = 0; k < 3; k++) {
        damaged[random.nextInt(44)] = (byte) random.nextInt();
      }
      try {
        assertTrue(all(open(damaged)).length <= file.length);
      } catch (TantraException e) {
        assertTrue(e.kind() == ErrorKind.INVALID || e.kind() == ErrorKind.UNSUPPORTED);
      }
    }
  }

  @Test
  void telephoneCodesHaveTheirPublishedValues() {
    assertEquals(-32124, CompandedSample.muLaw((byte) 0x00));
    assertEquals(32124, CompandedSample.muLaw((byte) 0x80));
    assertEquals(0, CompandedSample.muLaw((byte) 0xff));
    assertEquals(-5504, CompandedSample.aLaw((byte) 0x00));
    assertEquals(5504, CompandedSample.aLaw((byte) 0x80));
    assertEquals(8, CompandedSample.aLaw((byte) 0xd5));
  }

  @Test
  void emptyFilesAndForeignBytesAreRefused() {
    assertThrows(TantraException.class, () -> open(new byte[0]));
    TantraException e =
        assertThrows(TantraException.class, () -> open("hello world".getBytes(US_ASCII)));
    assertTrue(e.getMessage().contains("68 65 6c 6c"), e.getMessage());
  }

  private static Sound open(byte[] file) {
    return Sounds.open(MemorySegment.ofArray(file));
  }

  private static float[] all(Sound sound) {
    float[] block = new float[1 << 12];
    float[] all = {};
    for (int n = 1; n > 0; ) {
      n = sound.read(block, block.length / sound.channels());
      int before = all.length;
      all = Arrays.copyOf(all, before + n * sound.channels());
      System.arraycopy(block, 0, all, before, n * sound.channels());
    }
    return all;
  }
}
