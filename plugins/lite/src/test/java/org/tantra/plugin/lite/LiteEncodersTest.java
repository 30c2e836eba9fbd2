package org.tantra.plugin.lite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Cancellation;
import org.tantra.api.Encoder;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.TantraException;
import org.tantra.media.WavWriter;
import org.tantra.testkit.EncoderContract;
import org.tantra.testkit.TestLoadContext;

/// The encoders that need no weights.
final class LiteEncodersTest {
  private static final List<String> SENTENCES =
      List.of(
          "The lighthouse keeper lit the lamp at dusk.",
          "Our train to the mountains leaves at seven.",
          "She planted tomatoes behind the old kitchen.",
          "The parliament votes on the new budget today.",
          "A cat slept on the warm stones of the wall.",
          "Water boils at a lower temperature up there.",
          "El tren sale de la estación a las siete.",
          "灯台守は夕暮れに明かりをともした。");

  private static float[] embed(LoadedEncoder encoder, Media item) {
    return encoder.embed(item, Cancellation.NEVER).toFloats();
  }

  private static int nearest(float[] vector, List<float[]> others) {
    int best = -1;
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < others.size(); i++) {
      double product = 0;
      for (int j = 0; j < vector.length; j++) {
        product += (double) vector[j] * others.get(i)[j];
      }
      if (product > highest) {
        highest = product;
        best = i;
      }
    }
    return best;
  }

  @Nested
  final class Texts extends EncoderContract {
    private final LoadedEncoder encoder = encoder().load(TestLoadContext.empty());

    @Override
    protected Encoder encoder() {
      return new TextVectorEncoder();
    }

    @Override
    protected List<Media> items() {
      List<Media> items = new ArrayList<>();
      SENTENCES.forEach(sentence -> items.add(new Media.Text(sentence)));
      items.add(new Media.Text("?!"));
      items.add(new Media.Text("x"));
      return items;
    }

    @Test
    void editedTextsAreFoundAgain() {
      List<float[]> all =
          SENTENCES.stream().map(text -> embed(encoder, new Media.Text(text))).toList();
      for (int i = 0; i < SENTENCES.size(); i++) {
        String sentence = SENTENCES.get(i);
        int middle = sentence.length() / 2;
        for (String edited :
            List.of(
                sentence.toUpperCase(Locale.ROOT),
                sentence.substring(0, middle) + sentence.substring(middle + 1),
                "Well then: " + sentence,
                sentence.substring(0, 2 * sentence.length() / 3))) {
          assertEquals(i, nearest(embed(encoder, new Media.Text(edited)), all), edited);
        }
      }
    }

    @Test
    void orderOfWordsDoesNotMatter() {
      assertArrayEquals(
          embed(encoder, new Media.Text("one two three")),
          embed(encoder, new Media.Text("three, one: two")));
    }

    @Test
    void textBeyondTheLimitIsInvalid() {
      Media text = new Media.Text("word ".repeat(LoadedTextVectors.MAXIMUM_CHARACTERS / 5 + 1));
      assertEquals(
          ErrorKind.INVALID,
          assertThrows(TantraException.class, () -> embed(encoder, text)).kind());
    }
  }

  @Nested
  final class Recordings extends EncoderContract {
    private final LoadedEncoder encoder = encoder().load(TestLoadContext.empty());

    @Override
    protected Encoder encoder() {
      return new AudioLiteEncoder();
    }

    @Override
    protected List<Media> items() {
      List<Media> items = new ArrayList<>();
      for (int seed = 0; seed < 6; seed++) {
        items.add(wav(tones(seed, 16_000, 1), 16_000));
      }
      items.add(wav(new float[] {0.5f}, 8_000));
      items.add(wav(new float[16_000], 16_000));
      return items;
    }

    /// A second of tones that another seed has not.
    private static float[] tones(int seed, int rate, double volume) {
      Random random = new Random(seed);
      double[] pitches = random.doubles(4, 100, 3000).toArray();
      double[] rhythm = random.doubles(4, 1, 9).toArray();
      float[] samples = new float[rate];
      for (int i = 0; i < rate; i++) {
        double time = (double) i / rate;
        double sum = 0;
        for (int k = 0; k < pitches.length; k++) {
          sum +=
              Math.sin(2 * Math.PI * pitches[k] * time)
                  * (1 + Math.sin(2 * Math.PI * rhythm[k] * time));
        }
        samples[i] = (float) (volume * sum / 10);
      }
      return samples;
    }

    private static Media wav(float[] samples, int rate) {
      return new Media.Encoded(
          Modality.AUDIO, MemorySegment.ofArray(WavWriter.file16(samples, rate, 1)));
    }

    @ParameterizedTest
    @ValueSource(ints = {8_000, 22_050, 48_000})
    void quieterCopiesAtOtherRatesAreFoundAgain(int rate) {
      List<float[]> all = new ArrayList<>();
      for (int seed = 0; seed < 12; seed++) {
        all.add(embed(encoder, wav(tones(seed, 16_000, 1), 16_000)));
      }
      for (int seed = 0; seed < 12; seed++) {
        assertEquals(seed, nearest(embed(encoder, wav(tones(seed, rate, 0.5), rate)), all));
      }
    }

    @Test
    void longRecordingCanBeCancelled() {
      AtomicInteger asked = new AtomicInteger();
      Media hour = wav(new float[3600 * 8_000], 8_000);
      assertEquals(
          ErrorKind.CANCELLED,
          assertThrows(
                  TantraException.class,
                  () -> encoder.embed(hour, () -> asked.incrementAndGet() > 3))
              .kind());
      assertTrue(asked.get() < 6, asked::toString);
    }
  }

  @Nested
  final class Pictures extends EncoderContract {
    @Override
    protected Encoder encoder() {
      return new VisionLiteEncoder();
    }

    @Override
    protected List<Media> items() {
      List<Media> items = new ArrayList<>();
      for (int seed = 1; seed < 5; seed++) {
        BufferedImage image = new BufferedImage(40 * seed, 30, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 1200 * seed; i++) {
          image.setRGB(
              i % (40 * seed),
              i / (40 * seed),
              (i * seed % 40) * (seed % 2 == 0 ? 0x060301 : 0x10406));
        }
        items.add(new Media.Encoded(Modality.IMAGE, png(image)));
      }
      MemorySegment pixel = png(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB));
      items.add(new Media.Encoded(Modality.IMAGE, pixel));
      return items;
    }

    private static MemorySegment png(BufferedImage image) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try {
        ImageIO.write(image, "png", bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return MemorySegment.ofArray(bytes.toByteArray());
    }
  }
}
