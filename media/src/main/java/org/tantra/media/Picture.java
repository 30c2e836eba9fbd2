package org.tantra.media;

import static java.util.Objects.requireNonNull;

/// Decoded pixels: 8 bits each of red, green and blue, row by row from the top.
///
/// The array is shared, not copied; whoever makes a picture does not change it afterwards. Safe
/// from several threads.
public final class Picture {
  private final int width;
  private final int height;
  private final byte[] rgb;

  /// @param rgb `[height, width, 3]`
  /// @throws IllegalArgumentException if there are no pixels, or not as many as the sizes say
  public Picture(int width, int height, byte[] rgb) {
    requireNonNull(rgb, "rgb");
    if (width < 1 || height < 1 || 3L * width * height != rgb.length) {
      throw new IllegalArgumentException(
          "%d x %d pixels in %d bytes".formatted(width, height, rgb.length));
    }
    this.width = width;
    this.height = height;
    this.rgb = rgb;
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  /// The pixels, `[height, width, 3]`, not to be changed.
  public byte[] rgb() {
    return rgb;
  }

  /// One channel of one pixel, 0..255.
  ///
  /// @param channel 0 red, 1 green, 2 blue
  public int at(int x, int y, int channel) {
    return rgb[(y * width + x) * 3 + channel] & 0xff;
  }

  /// Brightness as ITU-R BT.601 weighs the colours, `[height, width]`, 0 for black to 1 for white.
  public float[] gray() {
    float[] gray = new float[width * height];
    for (int i = 0; i < gray.length; i++) {
      gray[i] =
          (0.299f * (rgb[3 * i] & 0xff)
                  + 0.587f * (rgb[3 * i + 1] & 0xff)
                  + 0.114f * (rgb[3 * i + 2] & 0xff))
              / 255;
    }
    return gray;
  }
}
