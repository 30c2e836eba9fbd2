package org.tantra.plugin.mamba;

import org.tantra.api.TextRecognition.Image;
import org.tantra.api.tensor.TensorView;
import org.tantra.media.Picture;
import org.tantra.media.Pictures;

/// Brightness of an image, 0 for black to 1 for white.
///
/// @param pixels `[height, width]`, row by row; not to be changed
record GrayImage(int width, int height, TensorView pixels) {
  static GrayImage of(Image image) {
    return switch (image) {
      case Image.Pixels(var gray) ->
          new GrayImage(
              Math.toIntExact(gray.shape().size(1)), Math.toIntExact(gray.shape().size(0)), gray);
      case Image.Encoded(var bytes) -> {
        Picture picture = Pictures.read(bytes);
        yield new GrayImage(
            picture.width(),
            picture.height(),
            TensorView.of(picture.gray(), picture.height(), picture.width()));
      }
    };
  }

  float at(int x, int y) {
    return pixels.floatAt((long) y * width + x);
  }
}
