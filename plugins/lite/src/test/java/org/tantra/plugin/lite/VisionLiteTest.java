package org.tantra.plugin.lite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.RescaleOp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.TantraException;
import org.tantra.testkit.TestLoadContext;

final class VisionLiteTest {
  private static final int PICTURES = 40;

  private final LoadedEncoder encoder = new VisionLiteEncoder().load(TestLoadContext.empty());

  private float[] embed(BufferedImage image) {
    return embed(new Media.Encoded(Modality.IMAGE, png(image)));
  }

  private float[] embed(Media item) {
    return encoder.embed(item, Cancellation.NEVER).toFloats();
  }

  private static MemorySegment png(BufferedImage image) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ImageIO.write(image, "png", bytes);
      return MemorySegment.ofArray(bytes.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A picture of some coloured shapes on a ground.
  private static BufferedImage shapes(long seed) {
    Random random = new Random(seed);
    BufferedImage image = new BufferedImage(160, 120, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    pen.setColor(colour(random));
    pen.fillRect(0, 0, 160, 120);
    for (int i = 0; i < 7; i++) {
      pen.setColor(colour(random));
      int x = random.nextInt(140);
      int y = random.nextInt(100);
      int width = 15 + random.nextInt(60);
      int height = 15 + random.nextInt(60);
      if (random.nextBoolean()) {
        pen.fillOval(x, y, width, height);
      } else {
        pen.fillRect(x, y, width, height);
      }
    }
    pen.dispose();
    return image;
  }

  private static Color colour(Random random) {
    return new Color(30 + random.nextInt(180), 30 + random.nextInt(180), 30 + random.nextInt(180));
  }

  private static BufferedImage scaled(BufferedImage image, int width, int height) {
    BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = scaled.createGraphics();
    pen.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    pen.drawImage(image, 0, 0, width, height, null);
    pen.dispose();
    return scaled;
  }

  private static BufferedImage copy(BufferedImage image) {
    return scaled(image, image.getWidth(), image.getHeight());
  }

  private int found(UnaryOperator<BufferedImage> edit) {
    List<float[]> originals = new ArrayList<>();
    for (int i = 0; i < PICTURES; i++) {
      originals.add(embed(shapes(i)));
    }
    int found = 0;
    for (int i = 0; i < PICTURES; i++) {
      found += nearest(originals, embed(edit.apply(shapes(i)))) == i ? 1 : 0;
    }
    return found;
  }

  private static int nearest(List<float[]> all, float[] vector) {
    int best = 0;
    for (int i = 1; i < all.size(); i++) {
      best = dot(all.get(i), vector) > dot(all.get(best), vector) ? i : best;
    }
    return best;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  @Test
  void croppedCopyIsNearestToItsPicture() {
    assertEquals(PICTURES, found(image -> copy(image.getSubimage(8, 6, 144, 108))));
  }

  @Test
  void scaledCopyIsNearestToItsPicture() {
    assertEquals(PICTURES, found(image -> scaled(image, 63, 50)));
    assertEquals(PICTURES, found(image -> scaled(image, 400, 300)));
  }

  @Test
  void brighterAndDarkerCopiesAreNearestToTheirPicture() {
    assertEquals(PICTURES, found(image -> new RescaleOp(1.15f, 20, null).filter(image, null)));
    assertEquals(PICTURES, found(image -> new RescaleOp(0.6f, 0, null).filter(image, null)));
  }

  @Test
  void everyPictureHasAUnitVectorEqualInEveryBit() {
    for (BufferedImage image :
        List.of(
            shapes(1),
            new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB),
            new BufferedImage(500, 2, BufferedImage.TYPE_INT_RGB))) {
      float[] vector = embed(image);
      assertEquals(768, vector.length);
      assertEquals(1, dot(vector, vector), 1e-5);
      assertArrayEquals(vector, embed(image));
    }
  }

  @Test
  void plainPicturesOfOtherColoursDiffer() {
    assertTrue(dot(embed(plain(Color.RED)), embed(plain(Color.BLUE))) < 0.999);
    assertTrue(dot(embed(plain(Color.BLACK)), embed(plain(Color.GREEN))) < 0.999);
  }

  private static BufferedImage plain(Color color) {
    BufferedImage image = new BufferedImage(9, 9, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setColor(color);
    pen.fillRect(0, 0, 9, 9);
    pen.dispose();
    return image;
  }

  @Test
  void framesAreAveraged() {
    float[] one = embed(new Media.Frames(List.of(png(shapes(1)))));
    assertArrayEquals(embed(shapes(1)), one);

    float[] both = embed(new Media.Frames(List.of(png(shapes(1)), png(shapes(2)))));
    assertEquals(dot(both, one), dot(both, embed(shapes(2))), 0.05);
  }

  @Test
  void textIsUnsupported() {
    assertEquals(
        ErrorKind.UNSUPPORTED,
        assertThrows(TantraException.class, () -> embed(new Media.Text("a cat"))).kind());
  }
}
