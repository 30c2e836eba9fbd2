package org.tantra.plugin.longvita;

import java.util.Arrays;
import org.tantra.api.Settings;
import org.tantra.media.Picture;
import org.tantra.media.Pictures;
import org.tantra.nn.ConfigFile;

/// From a picture to the numbers a tower takes.
///
/// @param side of the square the tower takes
/// @param square whether pictures are filled up to a square first; otherwise they are stretched
/// @param mean of each colour over the training pictures, 0..1
/// @param deviation of each colour
record Preprocessing(int side, boolean square, Colour mean, Colour deviation) {
  /// The references read pictures with Pillow.
  static final Pictures.DeepGrey DEEP_GREY = Pictures.DeepGrey.CLIPPED;

  /// Red, green and blue.
  record Colour(float red, float green, float blue) {
    float of(int channel) {
      return switch (channel) {
        case 0 -> red;
        case 1 -> green;
        default -> blue;
      };
    }

    /// Of 0 to 255, rounded down.
    int level(int channel) {
      return (int) (of(channel) * 255);
    }
  }

  /// Long-VITA's.
  static Preprocessing longVita(int side) {
    return new Preprocessing(
        side, true, new Colour(0.485f, 0.456f, 0.406f), new Colour(0.229f, 0.224f, 0.225f));
  }

  /// As the checkpoint's `preprocessor_config.json` says, for towers other than Long-VITA's.
  ///
  /// @throws org.tantra.api.TantraException `INVALID` if mean and deviation are not three numbers
  static Preprocessing of(VisionConfig config, Settings json) {
    if (config.intern()) {
      return longVita(config.imageSize());
    }
    return new Preprocessing(
        config.imageSize(), false, colour(json, "image_mean"), colour(json, "image_std"));
  }

  private static Colour colour(Settings json, String key) {
    Object[] values = json.list(key).toArray();
    if (values.length == 0) {
      return new Colour(0.5f, 0.5f, 0.5f);
    }
    if (values.length != 3 || !Arrays.stream(values).allMatch(Number.class::isInstance)) {
      throw ConfigFile.corrupt("'" + key + "' is not three numbers");
    }
    return new Colour(
        ((Number) values[0]).floatValue(),
        ((Number) values[1]).floatValue(),
        ((Number) values[2]).floatValue());
  }

  /// A whole picture, or a frame of a video, as one square.
  Picture whole(Picture picture) {
    return square ? squared(picture) : BicubicResize.resized(picture, side, side);
  }

  /// Filled up to a square with the mean colour, then resized.
  Picture squared(Picture picture) {
    return BicubicResize.squared(picture, side, mean);
  }

  /// `(value / 255 - mean) / deviation`, `[3, height, width]`.
  float[] normalised(Picture picture) {
    int pixels = picture.width() * picture.height();
    float[] values = new float[3 * pixels];
    byte[] rgb = picture.rgb();
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < pixels; i++) {
        values[c * pixels + i] = ((rgb[3 * i + c] & 0xff) / 255f - mean.of(c)) / deviation.of(c);
      }
    }
    return values;
  }
}
