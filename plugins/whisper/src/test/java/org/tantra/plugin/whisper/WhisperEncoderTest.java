package org.tantra.plugin.whisper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.TantraException;
import org.tantra.testkit.GoldenCase;

/// Embeddings by the network of a golden case, whose windows are 1 s long.
final class WhisperEncoderTest {
  private static void with(Consumer<LoadedEncoder> test) {
    try (GoldenCase golden = GoldenCase.of(WhisperEncoderTest.class, "whisper-hf-d32");
        LoadedEncoder encoder = new WhisperEncoder().load(golden)) {
      test.accept(encoder);
    }
  }

  private static float[] embed(LoadedEncoder encoder, MemorySegment audio) {
    return encoder.embed(new Media.Encoded(Modality.AUDIO, audio), Cancellation.NEVER).toFloats();
  }

  @Test
  void soundBecomesOneUnitVectorAlwaysTheSame() {
    with(
        encoder -> {
          float[] vector = embed(encoder, Recordings.noise(2.5));
          double square = 0;
          for (float value : vector) {
            square += (double) value * value;
          }
          assertEquals(768, vector.length);
          assertEquals(1, square, 1e-5);
          assertArrayEquals(vector, embed(encoder, Recordings.noise(2.5)));
          assertTrue(encoder.residentBytes() > 100_000);
        });
  }

  @Test
  void otherSoundsHaveOtherVectors() {
    with(
        encoder ->
            assertTrue(
                !Arrays.equals(
                    embed(encoder, Recordings.noise(1)), embed(encoder, Recordings.silence(1)))));
  }

  @Test
  void oneSampleIsEnough() {
    with(encoder -> assertEquals(768, embed(encoder, Recordings.wav(new float[] {1})).length));
  }

  @Test
  void soundWithoutSamplesIsTheCallersMistake() {
    with(
        encoder ->
            assertEquals(
                ErrorKind.INVALID,
                assertThrows(
                        TantraException.class, () -> embed(encoder, Recordings.wav(new float[0])))
                    .kind()));
  }

  @Test
  void textIsRefusedAsSuch() {
    with(
        encoder ->
            assertEquals(
                ErrorKind.UNSUPPORTED,
                assertThrows(
                        TantraException.class,
                        () -> encoder.embed(new Media.Text("hello"), Cancellation.NEVER))
                    .kind()));
  }
}
