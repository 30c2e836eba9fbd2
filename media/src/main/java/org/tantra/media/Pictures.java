package org.tantra.media;

import static java.awt.color.ColorSpace.TYPE_CMYK;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Reads pictures: PNG, JPEG (also CMYK), GIF, BMP and TIFF, by ImageIO and the JPEG reader of
/// TwelveMonkeys.
///
/// Colours come out as they are stored: alpha is dropped, not blended; grey is repeated; palettes
/// are looked up; of 16 bits the upper 8 count; inks become colours without a profile; colour
/// profiles and the orientation a camera noted are not applied. This is how vision models are fed,
/// and agrees with `convert("RGB")` of Pillow; for 16 bits of grey see [DeepGrey].
public final class Pictures {
  /// A picture may have so many pixels: more than any usual camera's, and decoded some 250 MB.
  public static final int MAXIMUM_PIXELS = 1 << 25;

  static {
    scan();
  }

  /// What becomes of grey of 16 bits.
  public enum DeepGrey {
    /// The upper 8 bits count: the picture looks as it should.
    UPPER_BITS,
    /// What is above 255 is white, as in Pillow: the reference of models that were fed so.
    CLIPPED
  }

  private Pictures() {}

  /// ImageIO looks for readers through the calling thread's class loader, which may be a plugin's.
  private static void scan() {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(Pictures.class.getClassLoader());
    try {
      ImageIO.scanForPlugins();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /// Reads a picture, or the first one of an animation.
  ///
  /// @throws TantraException `INVALID` about `image` if this is no picture, a damaged one, or one
  ///   of more than [#MAXIMUM_PIXELS]
  public static Picture read(MemorySegment bytes) {
    return read(bytes, DeepGrey.UPPER_BITS);
  }

  /// Reads a picture in another way where it is grey of 16 bits.
  ///
  /// @throws TantraException as [#read(MemorySegment)]
  public static Picture read(MemorySegment bytes, DeepGrey deep) {
    return reading(
        bytes,
        reader -> {
          requireSize(reader.getWidth(0), reader.getHeight(0));
          Optional<CmykJpeg> inks = CmykJpeg.of(bytes);
          if (inks.isPresent()) {
            return inks.get().picture(reader.readRaster(0, null));
          }
          return FirstBytes.are(bytes, 'G', 'I', 'F', '8')
              ? GifVideo.first(reader)
              : rgb(reader.read(0), deep);
        });
  }

  /// What to do with a reader that has its input.
  interface Use<R> {
    R apply(ImageReader reader) throws IOException;
  }

  /// Opens a picture file for the time of one call. Codecs fail in many ways on damaged files; all
  /// of them become `INVALID`.
  static <R> R reading(MemorySegment bytes, Use<R> use) {
    if (bytes.byteSize() == 0) {
      throw invalid("The picture is empty: it has no bytes. Send the whole file.");
    }
    try (SegmentInput input = new SegmentInput(bytes)) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
      if (!readers.hasNext()) {
        throw invalid(
                "This is no picture that can be read: it begins with %s. PNG, JPEG, GIF, BMP and TIFF are read."
                    .formatted(FirstBytes.of(bytes)))
            .withCode("unsupported_media_type");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(input, false, false);
        return use.apply(reader);
      } finally {
        reader.dispose();
      }
    } catch (TantraException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new TantraException(
              ErrorKind.INVALID,
              "The picture cannot be read: %s. It is damaged or cut short.".formatted(e),
              e)
          .about("image");
    }
  }

  static void requireSize(int width, int height) {
    if (width < 1 || height < 1) {
      throw invalid(
          "The picture is %d x %d pixels, so there is nothing to see. Send another one."
              .formatted(width, height));
    }
    if ((long) width * height > MAXIMUM_PIXELS) {
      throw invalid(
          "The picture is %d x %d pixels; at most %d are read. Scale it down."
              .formatted(width, height, MAXIMUM_PIXELS));
    }
  }

  static TantraException invalid(String message) {
    return new TantraException(ErrorKind.INVALID, message).about("image");
  }

  /// The pixels as they are stored. `BufferedImage.getRGB` would convert grey values between colour
  /// spaces, so it serves only where each pixel is an index or a packed RGB.
  static Picture rgb(BufferedImage image, DeepGrey deep) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[3 * width * height];
    if (image.getColorModel() instanceof ComponentColorModel stored && isWhole(stored)) {
      copySamples(rgb, image.getRaster(), samples(stored, image.getRaster(), deep));
    } else {
      copyColours(rgb, image);
    }
    return new Picture(width, height, rgb);
  }

  private static boolean isWhole(ColorModel model) {
    return model.getTransferType() == DataBuffer.TYPE_BYTE
        || model.getTransferType() == DataBuffer.TYPE_USHORT;
  }

  /// How samples become levels of 0 to 255.
  private enum Samples {
    BYTES,
    UPPER_BITS,
    CLIPPED,
    INKS
  }

  private static Samples samples(ColorModel model, Raster raster, DeepGrey deep) {
    boolean wide = model.getTransferType() == DataBuffer.TYPE_USHORT;
    if (!wide && raster.getNumBands() >= 4 && model.getColorSpace().getType() == TYPE_CMYK) {
      return Samples.INKS;
    }
    boolean clipped = deep == DeepGrey.CLIPPED && raster.getNumBands() == 1;
    return !wide ? Samples.BYTES : clipped ? Samples.CLIPPED : Samples.UPPER_BITS;
  }

  private static void copySamples(byte[] rgb, Raster raster, Samples samples) {
    int width = raster.getWidth();
    int bands = raster.getNumBands();
    int second = bands >= 3 ? 1 : 0;
    int third = bands >= 3 ? 2 : 0;
    int[] row = new int[width * bands];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int to = (y * width + x) * 3;
        int from = x * bands;
        int paper = samples == Samples.INKS ? 255 - row[from + 3] : 0;
        rgb[to] = level(row[from], paper, samples);
        rgb[to + 1] = level(row[from + second], paper, samples);
        rgb[to + 2] = level(row[from + third], paper, samples);
      }
    }
  }

  private static byte level(int sample, int paper, Samples samples) {
    return switch (samples) {
      case BYTES -> (byte) sample;
      case UPPER_BITS -> (byte) (sample >> 8);
      case CLIPPED -> (byte) Math.min(sample, 255);
      case INKS -> CmykJpeg.colour(sample, paper);
    };
  }

  private static void copyColours(byte[] rgb, BufferedImage image) {
    int width = image.getWidth();
    int[] row = new int[width];
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        int to = (y * width + x) * 3;
        rgb[to] = (byte) (row[x] >> 16);
        rgb[to + 1] = (byte) (row[x] >> 8);
        rgb[to + 2] = (byte) row[x];
      }
    }
  }
}
