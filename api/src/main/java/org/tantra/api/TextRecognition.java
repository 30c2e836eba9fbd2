package org.tantra.api;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Collectors;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorView;

/// Capability: reads the text in an image.
public interface TextRecognition extends Capability {
  /// Reads one image. Any thread; takes as long as it takes.
  ///
  /// @param cancellation looked at at least once per step of the network
  /// @throws TantraException `INVALID` if the image cannot be read or has no pixels; `UNSUPPORTED`
  ///   if this model does not take images of this kind; `CANCELLED`
  Recognition recognize(Image image, Cancellation cancellation);

  /// An image to read.
  sealed interface Image {
    /// A file: PNG, JPEG …; told apart by content.
    record Encoded(MemorySegment bytes) implements Image {
      public Encoded {
        requireNonNull(bytes, "bytes");
      }
    }

    /// Decoded pixels.
    ///
    /// @param gray F32 brightness, `[height, width]`, 0 for black to 1 for white
    record Pixels(TensorView gray) implements Image {
      /// @throws TantraException `INVALID` if there are no pixels
      public Pixels {
        if (gray.dtype() != DType.F32 || gray.shape().rank() != 2) {
          throw new IllegalArgumentException(
              "pixels are F32 [height, width], not " + gray.dtype() + " " + gray.shape());
        }
        if (gray.shape().elements() == 0) {
          throw new TantraException(
                  ErrorKind.INVALID, "The image is " + gray.shape() + " pixels; it is empty.")
              .about("image");
        }
      }
    }
  }

  /// What was read, top to bottom.
  record Recognition(List<Line> lines) {
    public Recognition {
      lines = List.copyOf(lines);
    }

    /// The lines, joined by line breaks.
    public String text() {
      return lines.stream().map(Line::text).collect(Collectors.joining("\n"));
    }
  }

  /// One line of text.
  ///
  /// @param confidence how sure the model is, 0..1
  record Line(String text, double confidence, Box box) {
    public Line {
      requireNonNull(text, "text");
      requireNonNull(box, "box");
    }
  }

  /// Where a line stands, as shares of the image's width and height from its upper left corner, so
  /// that it holds at any resolution.
  record Box(double left, double top, double right, double bottom) {
    /// The whole image.
    public static final Box WHOLE = new Box(0, 0, 1, 1);

    public Box {
      if (!(0 <= left && left <= right && right <= 1 && 0 <= top && top <= bottom && bottom <= 1)) {
        throw new IllegalArgumentException(
            "no box inside the image: %s, %s to %s, %s".formatted(left, top, right, bottom));
      }
    }
  }
}
