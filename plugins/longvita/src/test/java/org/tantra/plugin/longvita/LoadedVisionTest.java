package org.tantra.plugin.longvita;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.TantraException;
import org.tantra.testkit.GoldenCase;

/// A loaded tower of the golden sizes, fed with pictures of other golden cases.
final class LoadedVisionTest {
  private static LoadedEncoder load(GoldenCase golden) {
    return new LongVitaEncoder().load(golden);
  }

  private static MemorySegment picture(String golden, String file) {
    try (GoldenCase pictures = GoldenCase.of(LoadedVisionTest.class, golden)) {
      byte[] bytes = pictures.file(file).orElseThrow().toArray(ValueLayout.JAVA_BYTE);
      return MemorySegment.ofArray(bytes);
    }
  }

  private static Media image(MemorySegment bytes) {
    return new Media.Encoded(Modality.IMAGE, bytes);
  }

  private static float[] embed(LoadedEncoder encoder, Media item) {
    return encoder.embed(item, Cancellation.NEVER).toFloats();
  }

  private static double length(float[] vector) {
    double square = 0;
    for (float value : vector) {
      square += (double) value * value;
    }
    return Math.sqrt(square);
  }

  @Test
  void pictureBecomesOneUnitVectorAlwaysTheSame() {
    MemorySegment bytes = picture("longvita-pixels-up", "input.png");
    try (GoldenCase golden = GoldenCase.of(getClass(), "internvit-longvita-tiny");
        LoadedEncoder encoder = load(golden)) {
      float[] vector = embed(encoder, image(bytes));

      assertEquals(768, vector.length);
      assertEquals(1, length(vector), 1e-5);
      assertArrayEquals(vector, embed(encoder, image(bytes)));
      assertTrue(encoder.residentBytes() > 100_000);
    }
  }

  @Test
  void tilesOfAWidePictureAreAveraged() {
    MemorySegment bytes = picture("longvita-pixels-up", "input.png");
    try (GoldenCase golden =
            GoldenCase.of(getClass(), "internvit-longvita-tiny")
                .withSetting("model", Map.of("tiles", 6));
        LoadedEncoder tiled = load(golden);
        GoldenCase plain = GoldenCase.of(getClass(), "internvit-longvita-tiny");
        LoadedEncoder whole = load(plain)) {
      float[] vector = embed(tiled, image(bytes));

      assertEquals(1, length(vector), 1e-5);
      assertFalse(Arrays.equals(vector, embed(whole, image(bytes))));
    }
  }

  @Test
  void folderOfOneFrameEqualsThePicture() {
    MemorySegment bytes = picture("longvita-colour-modes", "rgb.png");
    try (GoldenCase golden = GoldenCase.of(getClass(), "clip-vision-hf-tiny");
        LoadedEncoder encoder = load(golden)) {
      float[] expected = embed(encoder, image(bytes));

      assertArrayEquals(expected, embed(encoder, new Media.Frames(List.of(bytes))));
      assertArrayEquals(expected, embed(encoder, new Media.Encoded(Modality.VIDEO, bytes)));
    }
  }

  @Test
  void textIsRefusedAsSuch() {
    try (GoldenCase golden = GoldenCase.of(getClass(), "vit-hf-tiny");
        LoadedEncoder encoder = load(golden)) {
      assertEquals(
          ErrorKind.UNSUPPORTED,
          assertThrows(TantraException.class, () -> embed(encoder, new Media.Text("a cat")))
              .kind());
    }
  }

  @Test
  void whatIsNoPictureIsTheCallersMistake() {
    MemorySegment text = MemorySegment.ofArray("a cat".getBytes(StandardCharsets.UTF_8));
    try (GoldenCase golden = GoldenCase.of(getClass(), "vit-hf-tiny");
        LoadedEncoder encoder = load(golden)) {
      assertEquals(
          ErrorKind.INVALID,
          assertThrows(TantraException.class, () -> embed(encoder, image(text))).kind());
    }
  }

  @Test
  void configOfAnotherCheckpointIsCorrupt() {
    try (GoldenCase golden = GoldenCase.of(getClass(), "vit-hf-tiny").with("hidden_size", 48)) {
      TantraException refusal = assertThrows(TantraException.class, () -> load(golden));
      assertEquals(ErrorKind.CORRUPT, refusal.kind());
      assertTrue(refusal.getMessage().contains("[36]"), refusal.getMessage());
    }
  }

  @Test
  void otherFamiliesAreUnsupported() {
    try (GoldenCase golden = GoldenCase.of(getClass(), "vit-hf-tiny").with("model_type", "gpt2")) {
      assertEquals(
          ErrorKind.UNSUPPORTED, assertThrows(TantraException.class, () -> load(golden)).kind());
    }
  }
}
