package org.tantra.testkit;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/// Picture files of every kind a stranger may send, by name: those that everybody who reads
/// pictures reads, and those that nobody can.
public final class SamplePictures {
  private SamplePictures() {}

  /// Made once, when somebody asks.
  private static final class Made {
    static final Map<String, byte[]> READABLE = Collections.unmodifiableMap(makeReadable());
    static final Map<String, byte[]> UNREADABLE = Collections.unmodifiableMap(makeUnreadable());
  }

  /// Odd sizes and colour models of PNG, JPEG, GIF, BMP and TIFF; the arrays are not to be changed.
  public static Map<String, byte[]> readable() {
    return Made.READABLE;
  }

  private static Map<String, byte[]> makeReadable() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("rgb.png", written(noise(31, 23, BufferedImage.TYPE_INT_RGB), "png"));
    files.put("1x1.png", written(noise(1, 1, BufferedImage.TYPE_INT_RGB), "png"));
    files.put("1x5000.png", written(noise(1, 5000, BufferedImage.TYPE_INT_RGB), "png"));
    files.put("5000x1.png", written(noise(5000, 1, BufferedImage.TYPE_INT_RGB), "png"));
    files.put("grey.png", written(noise(9, 17, BufferedImage.TYPE_BYTE_GRAY), "png"));
    files.put("grey16.png", written(noise(9, 17, BufferedImage.TYPE_USHORT_GRAY), "png"));
    files.put("rgb16.png", png(2, 2, 16, 2, new byte[2 * (1 + 12)]));
    files.put("bilevel.png", written(noise(9, 17, BufferedImage.TYPE_BYTE_BINARY), "png"));
    files.put("alpha.png", written(noise(9, 17, BufferedImage.TYPE_INT_ARGB), "png"));
    files.put("palette.png", written(palette(), "png"));
    files.put("rgb.jpg", written(noise(33, 18, BufferedImage.TYPE_INT_RGB), "jpg"));
    files.put("grey.jpg", written(noise(33, 18, BufferedImage.TYPE_BYTE_GRAY), "jpg"));
    files.put("cmyk.jpg", cmykJpeg());
    files.put("animated.gif", animation());
    files.put("rgb.bmp", written(noise(7, 5, BufferedImage.TYPE_INT_RGB), "bmp"));
    files.put("rgb.tiff", written(noise(7, 5, BufferedImage.TYPE_INT_RGB), "tiff"));
    files.put("really-a-jpeg.png", written(noise(16, 16, BufferedImage.TYPE_INT_RGB), "jpg"));
    return files;
  }

  /// Empty, damaged, too large, or no pictures at all; the arrays are not to be changed.
  public static Map<String, byte[]> unreadable() {
    return Made.UNREADABLE;
  }

  private static Map<String, byte[]> makeUnreadable() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    byte[] jpeg = written(noise(64, 48, BufferedImage.TYPE_INT_RGB), "jpg");
    files.put("no-bytes.png", new byte[0]);
    files.put("0x0.png", png(0, 0, 8, 2, new byte[0]));
    files.put("0x7.png", png(0, 7, 8, 2, new byte[7]));
    files.put("30000x30000.png", png(30_000, 30_000, 8, 2, new byte[0]));
    files.put("bomb.png", bomb());
    files.put("65535x65535.gif", hugeGif());
    files.put("cut.png", cut(written(noise(64, 48, BufferedImage.TYPE_INT_RGB), "png")));
    files.put("header-only.jpg", Arrays.copyOf(jpeg, 100));
    files.put("text.png", "This is a text, and no picture.".getBytes(StandardCharsets.UTF_8));
    files.put("page.jpg", "<html><body>404</body></html>".getBytes(StandardCharsets.UTF_8));
    return files;
  }

  /// One of the files.
  ///
  /// @throws IllegalArgumentException if there is none of this name
  public static byte[] file(String name) {
    byte[] file = readable().get(name);
    if (file == null) {
      file = unreadable().get(name);
    }
    if (file == null) {
      throw new IllegalArgumentException("no file '" + name + "'");
    }
    return file;
  }

  /// Random pixels, always the same.
  private static BufferedImage noise(int width, int height, int type) {
    BufferedImage image = new BufferedImage(width, height, type);
    Random random = new Random(31L * width + height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, random.nextInt());
      }
    }
    return image;
  }

  private static BufferedImage palette() {
    byte[] red = {0, (byte) 200, 30, 90};
    byte[] green = {10, 20, (byte) 180, 60};
    byte[] blue = {(byte) 250, 0, 40, 70};
    IndexColorModel colours = new IndexColorModel(2, 4, red, green, blue, 1);
    BufferedImage image = new BufferedImage(8, 6, BufferedImage.TYPE_BYTE_BINARY, colours);
    for (int i = 0; i < 48; i++) {
      image.getRaster().setSample(i % 8, i / 8, 0, i % 4);
    }
    return image;
  }

  private static byte[] written(BufferedImage image, String format) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, format, bytes)) {
        throw new IllegalStateException("nobody writes this picture as " + format);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] cmykJpeg() {
    WritableRaster inks = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, 4, null);
    for (int i = 0; i < 256; i++) {
      inks.setPixel(i % 16, i / 16, new int[] {i, 255 - i, 60, 220});
    }
    return sequence("jpeg", writer -> writer.write(new IIOImage(inks, null, null)));
  }

  private static byte[] animation() {
    return sequence(
        "gif",
        writer -> {
          writer.prepareWriteSequence(null);
          for (Color color : new Color[] {Color.RED, Color.GREEN, Color.BLUE}) {
            BufferedImage frame = new BufferedImage(12, 10, BufferedImage.TYPE_INT_RGB);
            Graphics2D pen = frame.createGraphics();
            pen.setColor(color);
            pen.fillRect(2, 2, 7, 6);
            pen.dispose();
            writer.writeToSequence(new IIOImage(frame, null, null), null);
          }
          writer.endWriteSequence();
        });
  }

  private interface Writing {
    void to(ImageWriter writer) throws IOException;
  }

  private static byte[] sequence(String format, Writing writing) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writing.to(writer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static byte[] cut(byte[] file) {
    return Arrays.copyOf(file, file.length / 2);
  }

  /// A few kilobytes that unpack to 900 million black pixels.
  private static byte[] bomb() {
    int side = 30_000;
    byte[] row = new byte[1 + side / 8];
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out =
        new DeflaterOutputStream(packed, new Deflater(Deflater.BEST_SPEED))) {
      for (int y = 0; y < side; y++) {
        out.write(row);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return pngOf(side, side, 1, 0, packed.toByteArray());
  }

  private static byte[] hugeGif() {
    byte[] gif = written(noise(2, 2, BufferedImage.TYPE_BYTE_GRAY), "gif");
    for (int at : new int[] {6, 7, 8, 9}) {
      gif[at] = (byte) 0xff; // the screen
    }
    return gif;
  }

  /// A PNG whose header says these sizes, whatever its rows.
  private static byte[] png(int width, int height, int depth, int colours, byte[] rows) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
      out.write(rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return pngOf(width, height, depth, colours, packed.toByteArray());
  }

  private static byte[] pngOf(int width, int height, int depth, int colours, byte[] packed) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    try {
      DataOutputStream sizes = new DataOutputStream(header);
      sizes.writeInt(width);
      sizes.writeInt(height);
      sizes.write(new byte[] {(byte) depth, (byte) colours, 0, 0, 0});
      file.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
      chunk(file, "IHDR", header.toByteArray());
      chunk(file, "IDAT", packed);
      chunk(file, "IEND", new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
}
