package org.tantra.media;

import static java.util.Objects.requireNonNull;

import java.awt.AlphaComposite;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/// An animated GIF. Frames are patches on a canvas, so a frame is made by drawing all before it;
/// what was drawn last is kept for the frames after it.
///
/// @see <a href="https://www.w3.org/Graphics/GIF/spec-gif89a.txt">GIF89a, sections 20 and 23</a>
final class GifVideo implements Video {
  /// What viewers take for animations that ask for less than two hundredths of a second.
  private static final double USUAL_DELAY = 10;

  private static final String FORMAT = "javax_imageio_gif_image_1.0";
  private static final String STREAM_FORMAT = "javax_imageio_gif_stream_1.0";

  private final MemorySegment bytes;
  private final int frames;
  private final double framesPerSecond;
  private int drawn;
  private @Nullable BufferedImage canvas;
  private @Nullable BufferedImage before;
  private Patch last = Patch.NONE;

  /// One frame's place and what becomes of it when the next one is drawn.
  private record Patch(Rectangle place, String disposal, double delay) {
    static final Patch NONE = new Patch(new Rectangle(), "none", 0);
  }

  GifVideo(MemorySegment bytes) {
    this.bytes = bytes;
    record Head(int frames, double rate) {}
    Head head =
        Pictures.reading(
            bytes,
            reader -> {
              int count = reader.getNumImages(true);
              if (count < 1) {
                throw Pictures.invalid("The GIF holds no picture.");
              }
              Patch first = patch(reader, 0);
              return new Head(count, 100 / first.delay());
            });
    this.frames = head.frames();
    this.framesPerSecond = head.rate();
  }

  @Override
  public int frames() {
    return frames;
  }

  @Override
  public double framesPerSecond() {
    return framesPerSecond;
  }

  @Override
  public Picture frame(int index) {
    return Pictures.reading(
        bytes,
        reader -> {
          if (index < drawn - 1 || canvas == null) {
            start(reader);
          }
          while (drawn <= index) {
            draw(reader, drawn);
          }
          return Pictures.rgb(canvas(), Pictures.DeepGrey.UPPER_BITS);
        });
  }

  private BufferedImage canvas() {
    return requireNonNull(canvas, "canvas");
  }

  /// The first frame as a still picture. What it does not cover of the screen has its transparent
  /// colour, or the first one of its palette, as in Pillow.
  static Picture first(ImageReader reader) throws IOException {
    Rectangle place = patch(reader, 0).place();
    Rectangle screen = screen(reader).union(place);
    Picture frame = Pictures.rgb(reader.read(0), Pictures.DeepGrey.UPPER_BITS);
    if (screen.equals(place)) {
      return frame;
    }
    Pictures.requireSize(screen.width, screen.height);
    int ground = 0;
    if (reader.getRawImageType(0).getColorModel() instanceof IndexColorModel palette) {
      ground = palette.getRGB(Math.max(0, palette.getTransparentPixel()));
    }
    byte[] rgb = new byte[3 * screen.width * screen.height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (ground >> (16 - 8 * (i % 3)));
    }
    for (int y = 0; y < place.height; y++) {
      int to = 3 * ((place.y + y) * screen.width + place.x);
      System.arraycopy(frame.rgb(), 3 * y * place.width, rgb, to, 3 * place.width);
    }
    return new Picture(screen.width, screen.height, rgb);
  }

  private static Rectangle screen(ImageReader reader) throws IOException {
    Element screen = child(reader.getStreamMetadata(), STREAM_FORMAT, "LogicalScreenDescriptor");
    return new Rectangle(
        number(screen, "logicalScreenWidth"), number(screen, "logicalScreenHeight"));
  }

  private void start(ImageReader reader) throws IOException {
    Rectangle screen = screen(reader);
    int width = Math.max(screen.width, reader.getWidth(0));
    int height = Math.max(screen.height, reader.getHeight(0));
    Pictures.requireSize(width, height);
    canvas = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    before = null;
    last = Patch.NONE;
    drawn = 0;
  }

  private void draw(ImageReader reader, int index) throws IOException {
    dispose();
    Patch patch = patch(reader, index);
    Pictures.requireSize(reader.getWidth(index), reader.getHeight(index));
    before = patch.disposal().equals("restoreToPrevious") ? copy(canvas()) : null;
    Graphics2D pen = canvas().createGraphics();
    pen.drawImage(reader.read(index), patch.place().x, patch.place().y, null);
    pen.dispose();
    last = patch;
    drawn = index + 1;
  }

  private void dispose() {
    if (last.disposal().equals("restoreToBackgroundColor")) {
      Graphics2D pen = canvas().createGraphics();
      pen.setComposite(AlphaComposite.Clear);
      pen.fill(last.place());
      pen.dispose();
    } else if (before != null) {
      canvas = before;
    }
  }

  private static BufferedImage copy(BufferedImage image) {
    BufferedImage copy =
        new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_ARGB);
    image.copyData(copy.getRaster());
    return copy;
  }

  private static Patch patch(ImageReader reader, int index) throws IOException {
    IIOMetadata metadata = reader.getImageMetadata(index);
    Element place = child(metadata, FORMAT, "ImageDescriptor");
    Element control = child(metadata, FORMAT, "GraphicControlExtension");
    int delay = number(control, "delayTime");
    return new Patch(
        new Rectangle(
            number(place, "imageLeftPosition"),
            number(place, "imageTopPosition"),
            reader.getWidth(index),
            reader.getHeight(index)),
        control == null ? "none" : control.getAttribute("disposalMethod"),
        delay < 2 ? USUAL_DELAY : delay);
  }

  private static @Nullable Element child(
      @Nullable IIOMetadata metadata, String format, String name) {
    if (metadata == null) {
      return null;
    }
    for (Node node = metadata.getAsTree(format).getFirstChild();
        node != null;
        node = node.getNextSibling()) {
      if (node.getNodeName().equals(name)) {
        return (Element) node;
      }
    }
    return null;
  }

  private static int number(@Nullable Element element, String attribute) {
    String text = element == null ? "" : element.getAttribute(attribute);
    return text.isEmpty() ? 0 : Integer.parseInt(text);
  }

  @Override
  public void close() {
    canvas = null;
    before = null;
  }
}
