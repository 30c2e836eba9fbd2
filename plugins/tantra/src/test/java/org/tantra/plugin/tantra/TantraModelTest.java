package org.tantra.plugin.tantra;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ParityCheck;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TantraException;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRecognition;
import org.tantra.api.TextRecognition.Image;
import org.tantra.api.TextRequest;
import org.tantra.api.tensor.TensorView;
import org.tantra.testkit.GoldenCase;
import org.tantra.testkit.TwoThreads;

/// The extension, its two capabilities, and checkpoints that are not what they should be.
final class TantraModelTest {
  private static final Prompt PROMPT = new Prompt.Tokens(List.of(5, 80, 33));

  @Test
  void extensionsAreDeclared() {
    assertTrue(
        ServiceLoader.load(Model.class).stream().anyMatch(p -> p.type() == TantraModel.class));
    assertTrue(
        ServiceLoader.load(ParityCheck.class).stream()
            .anyMatch(p -> p.type() == TantraParity.class));
    assertEquals(List.of("mamba"), new TantraModel().info().fallbacks());
  }

  @Test
  void equalSeedsGiveEqualTokens() {
    try (GoldenCase golden = golden();
        LoadedModel loaded = new TantraModel().load(golden)) {
      TextGeneration text = loaded.as(TextGeneration.class).orElseThrow();

      assertEquals(generate(text, 3), generate(text, 3));
    }
  }

  private static List<Integer> generate(TextGeneration text, long seed) {
    List<Integer> ids = new ArrayList<>();
    TextRequest request = TextRequest.of(PROMPT, 8).with(Sampling.DEFAULT.withSeed(seed));
    try (Generation generation = text.generate(request)) {
      for (var piece = generation.next(); piece.isPresent(); piece = generation.next()) {
        piece.get().tokens().forEach(token -> ids.add(token.id()));
      }
    }
    return ids;
  }

  @Test
  void anyWayToTakeARowInGivesTheSameBits() {
    try (GoldenCase golden = golden();
        TantraModel.Loaded serial = TantraModel.load(golden, golden.compute());
        TantraModel.Loaded threaded = TantraModel.load(golden, new TwoThreads());
        TantraSession whole = serial.network().begin();
        TantraSession pieces = threaded.network().begin()) {
      float[] expected = whole.append(new int[] {7, 1, 95, 4, 4}, Cancellation.NEVER);
      pieces.append(new int[] {7}, Cancellation.NEVER);
      pieces.append(new int[] {1, 95, 4}, Cancellation.NEVER);

      assertArrayEquals(expected, pieces.append(new int[] {4}, Cancellation.NEVER));
      assertEquals(5, pieces.position());
    }
  }

  @Test
  void contextIsThePositionsAndLongerIsAnError() {
    try (GoldenCase golden = golden();
        TantraModel.Loaded loaded = TantraModel.load(golden, golden.compute());
        TantraSession session = loaded.network().begin()) {
      TextGeneration text = loaded.as(TextGeneration.class).orElseThrow();
      assertEquals(80, text.contextTokens());

      TantraException e =
          assertThrows(TantraException.class, () -> text.generate(TextRequest.of(PROMPT, 78)));
      assertEquals("context_length_exceeded", e.code());
      assertThrows(
          IllegalArgumentException.class, () -> session.append(new int[81], Cancellation.NEVER));
    }
  }

  @Test
  void cancellingEndsTheAnswerWithinOneToken() {
    try (GoldenCase golden = golden();
        LoadedModel loaded = new TantraModel().load(golden);
        Generation generation =
            loaded
                .as(TextGeneration.class)
                .orElseThrow()
                .generate(TextRequest.of(PROMPT, 50).with(Sampling.GREEDY))) {
      assertTrue(generation.next().isPresent());
      generation.cancel();

      assertTrue(generation.next().isEmpty());
      assertEquals(FinishReason.CANCELLED, generation.finishReason());
    }
  }

  @Test
  void textIsReadAsCharacters() {
    try (GoldenCase golden = golden();
        LoadedModel loaded = new TantraModel().load(golden)) {
      TextGeneration text = loaded.as(TextGeneration.class).orElseThrow();
      assertEquals(List.of(40, 43, 41), text.tokenize("(+)"));

      TantraException e = assertThrows(TantraException.class, () -> text.tokenize("né"));
      assertEquals(ErrorKind.INVALID, e.kind());
      assertTrue(String.valueOf(e.getMessage()).contains("Character 1 of the text is U+006E"));
    }
  }

  @Test
  void imagesAreReadRepeatablyAndMatter() {
    try (GoldenCase golden = golden();
        LoadedModel loaded = new TantraModel().load(golden)) {
      TextRecognition ocr = loaded.as(TextRecognition.class).orElseThrow();
      Image bright = image(1);
      TextRecognition.Recognition read = ocr.recognize(bright, Cancellation.NEVER);

      assertEquals(read, ocr.recognize(bright, Cancellation.NEVER));
      assertNotEquals(read, ocr.recognize(image(0), Cancellation.NEVER));
      assertEquals(1, read.lines().size());
      double confidence = read.lines().getFirst().confidence();
      assertTrue(confidence > 0 && confidence <= 1, "confidence " + confidence);
    }
  }

  @Test
  void readingAnImageCanBeCancelled() {
    try (GoldenCase golden = golden();
        LoadedModel loaded = new TantraModel().load(golden)) {
      TextRecognition ocr = loaded.as(TextRecognition.class).orElseThrow();
      AtomicInteger asked = new AtomicInteger();

      TantraException e =
          assertThrows(
              TantraException.class,
              () -> ocr.recognize(image(1), () -> asked.incrementAndGet() > 6));
      assertEquals(ErrorKind.CANCELLED, e.kind());
    }
  }

  @Test
  void fileIsReadLikeItsPixels() throws IOException {
    BufferedImage drawn = new BufferedImage(6, 4, BufferedImage.TYPE_INT_RGB);
    float[] gray = new float[24];
    for (int i = 0; i < 24; i++) {
      int value = 10 * i;
      drawn.setRGB(i % 6, i / 6, value << 16 | value << 8 | value);
      gray[i] = (0.299f * value + 0.587f * value + 0.114f * value) / 255;
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(drawn, "png", png);
    try (GoldenCase golden = golden();
        LoadedModel loaded = new TantraModel().load(golden)) {
      TextRecognition ocr = loaded.as(TextRecognition.class).orElseThrow();
      assertEquals(
          ocr.recognize(new Image.Pixels(TensorView.of(gray, 4, 6)), Cancellation.NEVER),
          ocr.recognize(
              new Image.Encoded(MemorySegment.ofArray(png.toByteArray())), Cancellation.NEVER));
    }
  }

  @Test
  void unreadableAndEmptyImagesAreInvalid() {
    try (GoldenCase golden = golden();
        LoadedModel loaded = new TantraModel().load(golden)) {
      TextRecognition ocr = loaded.as(TextRecognition.class).orElseThrow();
      Image file = new Image.Encoded(MemorySegment.ofArray(new byte[8]));

      assertEquals(
          ErrorKind.INVALID,
          assertThrows(TantraException.class, () -> ocr.recognize(file, Cancellation.NEVER))
              .kind());
      assertEquals(
          ErrorKind.INVALID,
          assertThrows(
                  TantraException.class, () -> new Image.Pixels(TensorView.of(new float[0], 0, 4)))
              .kind());
    }
  }

  private static Image image(float last) {
    return new Image.Pixels(TensorView.of(new float[] {0, 1, 0.5f, 0, 0.2f, last}, 2, 3));
  }

  @Test
  void missingWeightIsNamed() {
    try (GoldenCase golden = golden().without("layers.3.norm2.bias")) {
      assertRefused(ErrorKind.CORRUPT, "no weight 'layers.3.norm2.bias'", golden);
    }
  }

  @Test
  void otherModelsAreUnsupported() {
    try (GoldenCase golden = golden().without("pos_embed")) {
      assertRefused(ErrorKind.UNSUPPORTED, "no Tantra multimodal", golden);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "vocab_size, 97, CORRUPT",
    "d_model, 64, CORRUPT",
    "num_layers, 3, CORRUPT",
    "dim_feedforward, 2048, CORRUPT",
    "max_len, 512, CORRUPT",
    "nhead, 7, CORRUPT",
    "nhead, many, CORRUPT",
    "activation, gelu, UNSUPPORTED",
  })
  void configOfAnotherCheckpointIsRefused(String key, String value, ErrorKind kind) {
    Object parsed = value.matches("\\d+") ? (Object) Integer.parseInt(value) : value;
    try (GoldenCase golden = golden().with(key, parsed)) {
      assertRefused(kind, key, golden);
    }
  }

  private static void assertRefused(ErrorKind kind, String part, GoldenCase golden) {
    TantraException e =
        assertThrows(TantraException.class, () -> new TantraModel().load(golden).close());
    assertTrue(String.valueOf(e.getMessage()).contains(part), String.valueOf(e.getMessage()));
    assertEquals(kind, e.kind());
  }

  private static GoldenCase golden() {
    return GoldenCase.of(TantraModelTest.class, "tantra-mm-tiny");
  }
}
