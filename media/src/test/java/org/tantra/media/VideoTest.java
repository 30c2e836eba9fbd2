package org.tantra.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jcodec.api.SequenceEncoder;
import org.jcodec.common.Codec;
import org.jcodec.common.Format;
import org.jcodec.common.io.ByteBufferSeekableByteChannel;
import org.jcodec.common.model.ColorSpace;
import org.jcodec.common.model.Rational;
import org.junit.jupiter.api.Test;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

final class VideoTest {
  private static final BufferedImage RED = Samples.filled(20, 10, Color.RED);
  private static final BufferedImage BLUE = Samples.filled(4, 4, Color.BLUE);

  private static Video open(byte[] bytes) {
    return Video.open(Samples.segment(bytes));
  }

  private static void assertColour(Color expected, Picture picture, int x, int y, int tolerance) {
    assertEquals(expected.getRed(), picture.at(x, y, 0), tolerance);
    assertEquals(expected.getGreen(), picture.at(x, y, 1), tolerance);
    assertEquals(expected.getBlue(), picture.at(x, y, 2), tolerance);
  }

  @Test
  void gifPatchesAreDrawnOverOneAnother() {
    byte[] gif =
        Samples.gif(
            List.of(new Samples.Frame(RED, 0, 0, "none"), new Samples.Frame(BLUE, 2, 3, "none")));
    try (Video video = open(gif)) {
      assertEquals(2, video.frames());
      assertEquals(5, video.framesPerSecond());
      Picture second = video.frame(1);
      assertColour(Color.BLUE, second, 3, 4, 0);
      assertColour(Color.RED, second, 10, 4, 0);
    }
  }

  @Test
  void gifGoesBackToWhatWasBefore() {
    byte[] gif =
        Samples.gif(
            List.of(
                new Samples.Frame(RED, 0, 0, "none"),
                new Samples.Frame(BLUE, 0, 0, "restoreToPrevious"),
                new Samples.Frame(BLUE, 10, 0, "none")));
    try (Video video = open(gif)) {
      Picture third = video.frame(2);
      assertColour(Color.RED, third, 1, 1, 0);
      assertColour(Color.BLUE, third, 11, 1, 0);
      assertColour(Color.BLUE, video.frame(1), 1, 1, 0);
      assertColour(Color.RED, video.frame(0), 1, 1, 0);
    }
  }

  @Test
  void jpegFramesOneAfterTheOtherAreAVideo() throws IOException {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    stream.write(Samples.written(RED, "jpg"));
    stream.write(Samples.written(Samples.filled(20, 10, Color.BLUE), "jpg"));
    stream.write(Samples.written(RED, "jpg"));
    try (Video video = open(stream.toByteArray())) {
      assertEquals(3, video.frames());
      assertColour(Color.BLUE, video.frame(1), 10, 5, 4);
      assertColour(Color.RED, video.frame(2), 10, 5, 4);
    }
  }

  @Test
  void stillPictureIsAVideoOfOneFrame() {
    try (Video video = open(Samples.written(RED, "png"))) {
      assertEquals(1, video.frames());
      assertColour(Color.RED, video.frame(0), 0, 0, 0);
    }
  }

  @Test
  void framesOfAnMp4ComeInAnyOrder() throws IOException {
    try (Video video = open(mp4())) {
      assertEquals(6, video.frames());
      assertEquals(10, video.framesPerSecond(), 0.5);
      for (int index : new int[] {0, 1, 4, 2}) {
        assertColour(shown(grey(index)), video.frame(index), 16, 16, 12);
      }
    }
  }

  /// The encoder of the test writes all of 0 to 255, which a decoder takes for 16 to 235, as usual.
  private static Color shown(Color written) {
    int level = Math.clamp(Math.round((written.getRed() - 16) * 255f / 219), 0, 255);
    return new Color(level, level, level);
  }

  private static Color grey(int frame) {
    return new Color(40 * frame + 20, 40 * frame + 20, 40 * frame + 20);
  }

  /// Six frames of H.264, each of one grey.
  private static byte[] mp4() throws IOException {
    var channel = ByteBufferSeekableByteChannel.writeToByteBuffer(ByteBuffer.allocate(1 << 20));
    var encoder = new SequenceEncoder(channel, Rational.R(10, 1), Format.MOV, Codec.H264, null);
    for (int i = 0; i < 6; i++) {
      var frame = org.jcodec.common.model.Picture.create(32, 32, ColorSpace.RGB);
      Arrays.fill(frame.getPlaneData(0), (byte) (grey(i).getRed() - 128));
      encoder.encodeNativeFrame(frame);
    }
    encoder.finish();
    ByteBuffer written = channel.getContents();
    byte[] bytes = new byte[written.remaining()];
    written.get(bytes);
    return bytes;
  }

  @Test
  void cutAndBentVideosAreReadOrRefused() throws IOException {
    Random random = new Random(11);
    byte[] gif = Samples.gif(List.of(new Samples.Frame(RED, 0, 0, "none")));
    for (byte[] whole : List.of(mp4(), gif)) {
      for (int i = 0; i < 60; i++) {
        byte[] bent = Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
        bent[random.nextInt(bent.length)] ^= (byte) (1 << random.nextInt(8));
        try (Video video = open(bent)) {
          video.frame(video.frames() - 1);
        } catch (TantraException e) {
          assertEquals(ErrorKind.INVALID, e.kind());
        }
      }
    }
  }

  @Test
  void soundIsNoVideo() {
    TantraException refusal =
        assertThrows(
            TantraException.class, () -> open(new byte[] {'R', 'I', 'F', 'F', 0, 0, 0, 0}));

    assertTrue(refusal.getMessage().contains("52 49 46 46"), refusal.getMessage());
  }
}
