package org.tantra.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

final class PicturesTest {
  private static Picture read(byte[] bytes) {
    return Pictures.read(Samples.segment(bytes));
  }

  private static TantraException refused(byte[] bytes) {
    TantraException refusal = assertThrows(TantraException.class, () -> read(bytes));
    assertEquals(ErrorKind.INVALID, refusal.kind());
    return refusal;
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp", "gif", "tiff"})
  void exactFormatsGiveTheColoursBack(String format) {
    Picture picture = read(Samples.written(Samples.filled(5, 3, new Color(200, 100, 50)), format));

    assertEquals(5, picture.width());
    assertEquals(3, picture.height());
    assertEquals(200, picture.at(4, 2, 0));
    assertEquals(100, picture.at(4, 2, 1));
    assertEquals(50, picture.at(4, 2, 2));
  }

  @Test
  void jpegIsReadNearly() {
    Picture picture = read(Samples.written(Samples.filled(16, 16, new Color(200, 100, 50)), "jpg"));

    assertEquals(200, picture.at(8, 8, 0), 4);
    assertEquals(50, picture.at(8, 8, 2), 4);
  }

  @Test
  void greyIsRepeatedAsStored() {
    BufferedImage gray = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
    gray.getRaster().setSample(0, 0, 0, 77);

    Picture picture = read(Samples.written(gray, "png"));

    assertEquals(77, picture.at(0, 0, 0));
    assertEquals(77, picture.at(0, 0, 2));
  }

  @Test
  void sixteenBitsKeepTheirUpperEight() {
    BufferedImage gray = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
    gray.getRaster().setSample(0, 0, 0, 0xabcd);

    assertEquals(0xab, read(Samples.written(gray, "png")).at(0, 0, 1));
  }

  @Test
  void alphaIsDroppedNotBlended() {
    BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0x10_c8_64_32);

    assertEquals(0xc8, read(Samples.written(image, "png")).at(0, 0, 0));
  }

  @Test
  void cmykJpegIsRead() throws IOException {
    assertEquals(8, read(cmyk()).width());
  }

  /// A JPEG of four channels as Adobe's programs write it, with all inks at one level.
  private static byte[] cmyk() throws IOException {
    BufferedImage gray = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
    WritableRaster four =
        java.awt.image.Raster.createInterleavedRaster(
            java.awt.image.DataBuffer.TYPE_BYTE, 8, 8, 4, null);
    for (int y = 0; y < gray.getHeight(); y++) {
      for (int x = 0; x < gray.getWidth(); x++) {
        four.setPixel(x, y, new int[] {200, 30, 60, 220});
      }
    }
    var writer = javax.imageio.ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = javax.imageio.ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(new javax.imageio.IIOImage(four, null, null));
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  @Test
  void nothingIsRefused() {
    assertTrue(refused(new byte[0]).getMessage().contains("empty"));
  }

  @Test
  void textIsNamedByItsFirstBytes() {
    String message = refused("not a picture".getBytes(StandardCharsets.UTF_8)).getMessage();

    assertTrue(message.contains("6e 6f 74 20"), message);
  }

  @Test
  void hugePictureIsRefusedBeforeItIsDecoded() throws IOException {
    String message = refused(png(30_000, 30_000, new byte[0])).getMessage();

    assertTrue(message.contains("30000 x 30000"), message);
  }

  @Test
  void noWidthIsRefused() throws IOException {
    refused(png(0, 0, new byte[0]));
  }

  @Test
  void onePixelIsRead() throws IOException {
    assertEquals(9, read(png(1, 1, new byte[] {0, 9, 8, 7})).at(0, 0, 0));
  }

  @Test
  void cutAndBentFilesAreReadOrRefused() {
    Random random = new Random(7);
    for (String format : new String[] {"png", "jpg", "gif", "bmp", "tiff"}) {
      byte[] whole = Samples.written(Samples.filled(40, 30, Color.ORANGE), format);
      for (int i = 0; i < 60; i++) {
        byte[] bent = Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
        for (int flips = random.nextInt(4); flips > 0; flips--) {
          bent[random.nextInt(bent.length)] ^= (byte) (1 << random.nextInt(8));
        }
        try {
          read(bent);
        } catch (TantraException e) {
          assertEquals(ErrorKind.INVALID, e.kind(), format + " " + i);
        }
      }
    }
  }

  /// A PNG of 8-bit RGB whose header says these sizes, whatever its data.
  private static byte[] png(int width, int height, byte[] rows) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(header);
    data.writeInt(width);
    data.writeInt(height);
    data.write(new byte[] {8, 2, 0, 0, 0});
    chunk(file, "IHDR", header.toByteArray());
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(deflated)) {
      out.write(rows);
    }
    chunk(file, "IDAT", deflated.toByteArray());
    chunk(file, "IEND", new byte[0]);
    return file.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream file, String type, byte[] content)
      throws IOException {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(content);
    DataOutputStream out = new DataOutputStream(file);
    out.writeInt(content.length);
    out.write(name);
    out.write(content);
    out.writeInt((int) crc.getValue());
  }

  @Test
  void grayWeighsTheColours() {
    MemorySegment white =
        Samples.segment(Samples.written(Samples.filled(1, 1, Color.WHITE), "png"));

    assertEquals(1, Pictures.read(white).gray()[0], 1e-6);
  }
}
