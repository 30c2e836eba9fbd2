package org.tantra.plugin.lite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tantra.api.Cancellation;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.media.Picture;
import org.tantra.media.WavWriter;
import org.tantra.testkit.TestLoadContext;

/// The sizes that docs/models.md names.
final class DocumentedFiguresTest {
  @Test
  void visionLiteHasNumbersForChannelsScalesDirectionsAndCells() {
    byte[] rgb = new byte[3 * 9 * 7];
    new Random(1).nextBytes(rgb);

    assertEquals(3 * 2 * 8 * 16, new EdgeNetwork().vector(new Picture(9, 7, rgb)).length);
  }

  @Test
  void audioLiteHas240NumbersAndZeros() {
    float[] samples = new float[16_000];
    Random random = new Random(1);
    for (int i = 0; i < samples.length; i++) {
      samples[i] = random.nextFloat() - 0.5f;
    }
    try (LoadedEncoder encoder = new AudioLiteEncoder().load(TestLoadContext.empty())) {
      Media recording =
          new Media.Encoded(
              Modality.AUDIO, MemorySegment.ofArray(WavWriter.file16(samples, 16_000, 1)));
      float[] vector = encoder.embed(recording, Cancellation.NEVER).toFloats();

      assertEquals(240, count(vector, 0, 768));
      assertEquals(0, count(vector, 240, 768));
      for (int part = 0; part < 3; part++) {
        assertEquals(1.0 / 3, square(vector, 80 * part, 80 * part + 80), 1e-4);
      }
    }
  }

  /// One word of two letters with its two ends has two runs of three and one of four.
  @Test
  void embedLitePutsEachFeatureAtEightPlaces() {
    try (LoadedEncoder encoder = new TextVectorEncoder().load(TestLoadContext.empty())) {
      float[] vector = encoder.embed(new Media.Text("at"), Cancellation.NEVER).toFloats();

      assertEquals(4 * 8, count(vector, 0, 768), 2); // some places may meet
    }
  }

  private static int count(float[] vector, int from, int to) {
    int count = 0;
    for (int i = from; i < to; i++) {
      count += vector[i] != 0 ? 1 : 0;
    }
    return count;
  }

  private static double square(float[] vector, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += (double) vector[i] * vector[i];
    }
    return sum;
  }
}
