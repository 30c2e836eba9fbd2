package org.tantra.plugin.mamba;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedModel;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.TextRecognition;
import org.tantra.api.TextRecognition.Image;
import org.tantra.api.WeightPlan;
import org.tantra.api.tensor.TensorView;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.TestLoadContext;

final class OcrNativeTest {
  private static final Map<String, Object> TINY =
      Map.of(
          "d_model",
          16,
          "n_layers",
          2,
          "d_state",
          4,
          "vocab_size",
          128,
          "line_height",
          8,
          "column_width",
          2,
          "max_seq_len",
          300);

  private final OcrNativeModel model = new OcrNativeModel();

  private LoadedModel load() {
    WeightPlan plan = model.weightPlan(Settings.of("test", TINY)).orElseThrow();
    return model.load(TestLoadContext.empty().withCheckpoint(PlannedCheckpoint.of(plan, TINY)));
  }

  private static TextRecognition.Recognition read(LoadedModel loaded, Image image) {
    return loaded.as(TextRecognition.class).orElseThrow().recognize(image, Cancellation.NEVER);
  }

  /// A page of bars, each as high as a line of print.
  private static BufferedImage page(Color paper, Color ink) {
    BufferedImage page = new BufferedImage(200, 120, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = page.createGraphics();
    pen.setColor(paper);
    pen.fillRect(0, 0, 200, 120);
    pen.setColor(ink);
    for (int line = 0; line < 3; line++) {
      for (int x = 20; x < 150 + 10 * line; x += 12) {
        pen.fillRect(x, 15 + 35 * line, 6, 16);
      }
    }
    pen.dispose();
    return page;
  }

  private static Image encoded(BufferedImage image) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ImageIO.write(image, "png", bytes);
      return new Image.Encoded(MemorySegment.ofArray(bytes.toByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void planAndLoaderAgree() {
    PlannedCheckpoint.assertPlanAndLoaderAgree(model, TINY);
  }

  @Test
  void smallSizeHasAboutSevenHundredThousandParameters() {
    WeightPlan plan =
        model
            .weightPlan(Settings.of("small", requireNonNull(model.sizes().get("small"))))
            .orElseThrow();

    assertEquals(698_000, (double) plan.parameters(), 15_000);
  }

  @Test
  void pageIsSplitIntoItsLines() {
    for (BufferedImage page :
        List.of(page(Color.WHITE, Color.BLACK), page(Color.DARK_GRAY, Color.YELLOW))) {
      try (LoadedModel loaded = load()) {
        List<TextRecognition.Line> lines = read(loaded, encoded(page)).lines();

        assertEquals(3, lines.size());
        assertEquals(15 / 120.0, lines.get(0).box().top(), 1e-9);
        assertEquals(31 / 120.0, lines.get(0).box().bottom(), 1e-9);
        assertEquals(20 / 200.0, lines.get(1).box().left(), 1e-9);
        assertTrue(lines.get(2).box().right() > lines.get(0).box().right());
      }
    }
  }

  @Test
  void equalLinesReadEqual() {
    try (LoadedModel loaded = load()) {
      var first = read(loaded, encoded(page(Color.WHITE, Color.BLACK)));
      assertEquals(first, read(loaded, encoded(page(Color.WHITE, Color.BLACK))));
      first.lines().forEach(line -> assertTrue(line.confidence() >= 0 && line.confidence() <= 1));
    }
  }

  @Test
  void emptyPageIsOneLine() {
    try (LoadedModel loaded = load()) {
      var lines = read(loaded, new Image.Pixels(TensorView.of(new float[50 * 7], 7, 50))).lines();
      assertEquals(List.of(TextRecognition.Box.WHOLE), lines.stream().map(l -> l.box()).toList());
    }
  }

  @Test
  void veryLongLineIsCutAtTheContext() {
    try (LoadedModel loaded = load()) {
      assertEquals(
          1,
          read(loaded, new Image.Pixels(TensorView.of(new float[4 * 20_000], 4, 20_000)))
              .lines()
              .size());
    }
  }

  @Test
  void repetitionsAndBlanksAreLeftOut() {
    CtcReading reading = new CtcReading(128);
    for (int best : new int[] {0, 'a', 'a', 0, 'a', 'b', 'b', 7, 0}) {
      float[] scores = new float[128];
      scores[best] = 100;
      reading.read(scores, 0);
    }
    assertEquals("aab", reading.text());
    assertEquals(1, reading.confidence(), 1e-6);
  }

  @Test
  void whatIsNoPictureIsTheCallersMistake() {
    try (LoadedModel loaded = load()) {
      Image garbage = new Image.Encoded(MemorySegment.ofArray(new byte[] {1, 2, 3}));
      assertEquals(
          ErrorKind.INVALID,
          assertThrows(TantraException.class, () -> read(loaded, garbage)).kind());
    }
  }
}
