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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.TantraException;
import org.tantra.testkit.TestLoadContext;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class VisionLiteTest {
  /// Of each kind.
  private static final int PICTURES = 16;

  private static final Set<String> CROPS =
      Set.of("middle 90 %", "middle 80 %", "corner 90 %", "other corner 90 %", "all");

  private final LoadedEncoder encoder = new VisionLiteEncoder().load(TestLoadContext.empty());
  private final List<BufferedImage> pictures = pictures();
  private final List<float[]> vectors = pictures.parallelStream().map(this::embed).toList();

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

  enum Kind {
    SHAPES,
    CLOUDS,
    PAGES,
    STRIPES;

    BufferedImage make(long seed) {
      return switch (this) {
        case SHAPES -> shapes(seed);
        case CLOUDS -> clouds(seed);
        case PAGES -> page(seed);
        case STRIPES -> stripes(seed);
      };
    }

    /// Whether a part of such a picture differs from the other parts.
    boolean differsInside() {
      return this == SHAPES || this == CLOUDS;
    }
  }

  /// Noise of large and small waves, as in photographs of sky and leaves.
  private static BufferedImage clouds(long seed) {
    Random random = new Random(1000 + seed);
    double[] waves = random.doubles(6 * 3 * 4, -1, 1).toArray();
    BufferedImage image = new BufferedImage(160, 120, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 120; y++) {
      for (int x = 0; x < 160; x++) {
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          double level = 0.5;
          for (int k = 0; k < 6; k++) {
            int at = 4 * (6 * c + k);
            double angle = (waves[at] * x + waves[at + 1] * y) * (1 + k) * 0.04;
            level += 0.25 / (1 + k) * Math.sin(angle + 3 * waves[at + 2]) * (1 + waves[at + 3]);
          }
          rgb = rgb << 8 | (int) (255 * Math.clamp(level, 0.1, 0.8));
        }
        image.setRGB(x, y, rgb);
      }
    }
    return image;
  }

  /// Dark words in lines on light paper.
  private static BufferedImage page(long seed) {
    Random random = new Random(2000 + seed);
    BufferedImage image = new BufferedImage(120, 160, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setColor(new Color(210, 208, 200));
    pen.fillRect(0, 0, 120, 160);
    pen.setColor(new Color(40, 40, 60));
    int pitch = 9 + random.nextInt(6);
    for (int y = 8 + random.nextInt(12); y < 150; y += pitch) {
      for (int x = 8 + random.nextInt(10); x < 112; ) {
        int word = 4 + random.nextInt(18);
        pen.fillRect(x, y, Math.min(word, 112 - x), pitch / 2);
        x += word + 3 + random.nextInt(6);
      }
      y += random.nextInt(5) == 0 ? pitch : 0;
    }
    pen.dispose();
    return image;
  }

  /// Stripes of two colours, of a width and a direction.
  private static BufferedImage stripes(long seed) {
    Random random = new Random(3000 + seed);
    double angle = random.nextDouble() * Math.PI;
    double width = 8 + random.nextDouble() * 40;
    int one = colour(random).getRGB();
    int other = colour(random).getRGB();
    BufferedImage image = new BufferedImage(140, 140, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 140; y++) {
      for (int x = 0; x < 140; x++) {
        double along = (x * Math.cos(angle) + y * Math.sin(angle)) / width;
        image.setRGB(x, y, along - Math.floor(along) < 0.5 ? one : other);
      }
    }
    return image;
  }

  private static BufferedImage cropped(BufferedImage image, double left, double top, double share) {
    int width = (int) (share * image.getWidth());
    int height = (int) (share * image.getHeight());
    return copy(
        image.getSubimage(
            (int) (left * (image.getWidth() - width)),
            (int) (top * (image.getHeight() - height)),
            width,
            height));
  }

  private static BufferedImage scaled(BufferedImage image, double factor) {
    return scaled(image, (int) (factor * image.getWidth()), (int) (factor * image.getHeight()));
  }

  private static BufferedImage relit(BufferedImage image, float factor, float more) {
    return new RescaleOp(factor, more, null).filter(image, null);
  }

  private static Map<String, UnaryOperator<BufferedImage>> edits() {
    Map<String, UnaryOperator<BufferedImage>> edits = new LinkedHashMap<>();
    edits.put("middle 90 %", image -> cropped(image, 0.5, 0.5, 0.9));
    edits.put("middle 80 %", image -> cropped(image, 0.5, 0.5, 0.8));
    edits.put("corner 90 %", image -> cropped(image, 0, 0, 0.9));
    edits.put("other corner 90 %", image -> cropped(image, 1, 1, 0.9));
    edits.put("40 % size", image -> scaled(image, 0.4));
    edits.put("250 % size", image -> scaled(image, 2.5));
    edits.put("wider", image -> scaled(image, 3 * image.getWidth() / 2, image.getHeight()));
    edits.put("brighter", image -> relit(image, 1.15f, 20));
    edits.put("darker", image -> relit(image, 0.6f, 0));
    edits.put("much darker", image -> relit(image, 0.3f, 0));
    edits.put("paler", image -> relit(image, 0.5f, 100));
    edits.put("all", image -> relit(scaled(cropped(image, 0.7, 0.3, 0.9), 0.5), 0.8f, 10));
    return edits;
  }

  /// Where a picture comes among all, by how near its vector is to that of its edited copy; 1 for
  /// the nearest.
  private static int rank(List<float[]> all, int picture, float[] edited) {
    double own = dot(all.get(picture), edited);
    int rank = 1;
    for (float[] other : all) {
      rank += dot(other, edited) > own ? 1 : 0;
    }
    return rank;
  }

  /// Among all pictures of all kinds. Pages and stripes look alike in all their parts, so that a
  /// cropped one is rather like another one.
  @ParameterizedTest
  @EnumSource
  void editedCopiesAreNearestToTheirPictures(Kind kind) {
    int begin = List.of(Kind.values()).indexOf(kind) * PICTURES;
    Map<String, Integer> worst = new LinkedHashMap<>();
    edits()
        .forEach(
            (name, edit) -> {
              if (kind.differsInside() || !CROPS.contains(name)) {
                worst.put(
                    name,
                    IntStream.range(0, PICTURES)
                        .parallel()
                        .map(i -> begin + i)
                        .map(i -> rank(vectors, i, embed(edit.apply(pictures.get(i)))))
                        .max()
                        .orElseThrow());
              }
            });

    Map<String, Integer> first = new LinkedHashMap<>();
    worst.keySet().forEach(name -> first.put(name, 1));
    assertEquals(first, worst, "the worst rank of " + PICTURES + " edited " + kind);
  }

  private static List<BufferedImage> pictures() {
    List<BufferedImage> pictures = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (int seed = 0; seed < PICTURES; seed++) {
        pictures.add(kind.make(seed));
      }
    }
    return pictures;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
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
