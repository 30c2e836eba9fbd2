package org.tantra.media;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.jcodec.codecs.h264.H264Decoder;
import org.jcodec.codecs.h264.H264Utils;
import org.jcodec.codecs.h264.io.model.SeqParameterSet;
import org.jcodec.codecs.h264.mp4.AvcCBox;
import org.jcodec.common.model.ColorSpace;
import org.jcodec.common.model.Rect;
import org.jcodec.scale.ColorUtil;
import org.jspecify.annotations.Nullable;
import org.tantra.api.TantraException;

/// An MP4 or MOV. The container is read by [IsoTrack], because JCodec's reader allocates what a
/// damaged file claims; frames of H.264 are decoded by JCodec, those of MJPEG as pictures.
final class Mp4Video implements Video {
  /// What the levels of H.264 allow at most.
  private static final int MAXIMUM_REFERENCES = 16;

  private final IsoTrack track;
  private final @Nullable AvcCBox parameters;
  private @Nullable H264Decoder decoder;

  /// The frame that was decoded last, in the order of decoding; what follows it needs no new start.
  private int decoded = -1;

  private Mp4Video(IsoTrack track, @Nullable AvcCBox parameters) {
    this.track = track;
    this.parameters = parameters;
  }

  /// Reads the tables; decodes nothing yet.
  ///
  /// @throws TantraException `INVALID` if there is no video track, or none that is read
  static Mp4Video open(MemorySegment bytes) {
    return decoding(
        () -> {
          IsoTrack track = IsoTrack.read(bytes);
          Pictures.requireSize(track.width(), track.height());
          return switch (track.coding()) {
            case "avc1", "avc3" -> new Mp4Video(track, parameters(track));
            case "jpeg", "mjpa", "mp4v-jpeg" -> new Mp4Video(track, null);
            default ->
                throw Video.invalid(
                    "The video is coded as '%s'; H.264 and MJPEG are read. Convert it."
                        .formatted(track.coding()),
                    null);
          };
        });
  }

  private static AvcCBox parameters(IsoTrack track) {
    AvcCBox box = AvcCBox.parseAvcCBox(copy(track.description().needed("avcC").content()));
    for (ByteBuffer set : box.getSpsList()) {
      requireModest(SeqParameterSet.read(set.duplicate()));
    }
    return box;
  }

  /// The decoder sets memory aside for what this says.
  private static void requireModest(SeqParameterSet set) {
    Pictures.requireSize(
        Math.multiplyExact(16, set.picWidthInMbsMinus1 + 1),
        Math.multiplyExact(16, SeqParameterSet.getPicHeightInMbs(set)));
    if (set.numRefFrames > MAXIMUM_REFERENCES) {
      throw Video.invalid(
          "The video asks for %d reference frames; H.264 allows %d. It is damaged."
              .formatted(set.numRefFrames, MAXIMUM_REFERENCES),
          null);
    }
  }

  private static ByteBuffer copy(MemorySegment bytes) {
    return ByteBuffer.wrap(bytes.toArray(ValueLayout.JAVA_BYTE));
  }

  private interface Decoding<R> {
    R run();
  }

  /// JCodec fails in many ways on damaged files; all of them become `INVALID`.
  private static <R> R decoding(Decoding<R> step) {
    try {
      return step.run();
    } catch (TantraException e) {
      throw e;
    } catch (RuntimeException | AssertionError e) {
      throw Video.invalid(
          "The video cannot be decoded: %s. It is damaged, or uses something this decoder does not know."
              .formatted(e),
          e);
    }
  }

  @Override
  public int frames() {
    return track.frames();
  }

  @Override
  public double framesPerSecond() {
    return track.framesPerSecond();
  }

  @Override
  public Picture frame(int index) {
    int sample = track.decodedAs(index);
    AvcCBox sets = parameters;
    return sets == null ? Pictures.read(track.bytes(sample)) : decoding(() -> decode(sets, sample));
  }

  private Picture decode(AvcCBox sets, int sample) {
    int from = sample;
    while (from > 0 && !track.key(from)) {
      from--;
    }
    H264Decoder running = decoder;
    if (running == null || decoded < from || decoded >= sample) {
      close();
      running = new H264Decoder();
      decoder = running;
      running.addSps(sets.getSpsList());
      running.addPps(sets.getPpsList());
      decoded = from - 1;
    }
    org.jcodec.common.model.Picture frame = null;
    while (decoded < sample) {
      frame = decode(running, sets, decoded + 1);
      decoded++;
    }
    if (frame == null) {
      throw Video.invalid("Frame %d of the video holds no picture.".formatted(sample), null);
    }
    return rgb(frame);
  }

  private org.jcodec.common.model.@Nullable Picture decode(
      H264Decoder running, AvcCBox sets, int sample) {
    List<ByteBuffer> units = new ArrayList<>();
    for (ByteBuffer unit : H264Utils.splitMOVPacket(copy(track.bytes(sample)), sets)) {
      if (unit.hasRemaining()) {
        if ((unit.get(unit.position()) & 0x1f) == 7) {
          ByteBuffer set = unit.duplicate();
          set.get();
          requireModest(SeqParameterSet.read(set));
        }
        units.add(unit);
      }
    }
    int width = (track.width() + 15) / 16 * 16;
    int height = (track.height() + 15) / 16 * 16;
    for (ByteBuffer set : sets.getSpsList()) {
      SeqParameterSet sizes = SeqParameterSet.read(set.duplicate());
      width = Math.max(width, 16 * (sizes.picWidthInMbsMinus1 + 1));
      height = Math.max(height, 16 * SeqParameterSet.getPicHeightInMbs(sizes));
    }
    return running.decodeFrameFromNals(
        units, org.jcodec.common.model.Picture.create(width, height, ColorSpace.YUV444).getData());
  }

  private static Picture rgb(org.jcodec.common.model.Picture frame) {
    int stride = frame.getWidth();
    Pictures.requireSize(stride, frame.getHeight());
    var converted =
        org.jcodec.common.model.Picture.create(stride, frame.getHeight(), ColorSpace.RGB);
    ColorUtil.getTransform(frame.getColor(), ColorSpace.RGB).transform(frame, converted);
    Rect crop = frame.getCrop();
    int width = crop == null ? stride : crop.getWidth();
    int height = crop == null ? frame.getHeight() : crop.getHeight();
    int left = crop == null ? 0 : crop.getX();
    int top = crop == null ? 0 : crop.getY();
    byte[] plane = converted.getPlaneData(0);
    byte[] rgb = new byte[3 * width * height];
    for (int y = 0; y < height; y++) {
      int from = ((top + y) * stride + left) * 3;
      for (int i = 0; i < 3 * width; i++) {
        rgb[y * 3 * width + i] = (byte) (plane[from + i] + 128); // JCodec's samples are -128..127
      }
    }
    return new Picture(width, height, rgb);
  }

  /// JCodec's decoder starts threads and has no way to end them but the pool it keeps to itself.
  @Override
  public void close() {
    H264Decoder ended = decoder;
    decoder = null;
    decoded = -1;
    if (ended == null) {
      return;
    }
    try {
      for (Field field : H264Decoder.class.getDeclaredFields()) {
        if (field.getType() == ExecutorService.class) {
          field.setAccessible(true);
          if (field.get(ended) instanceof ExecutorService pool) {
            pool.shutdownNow();
          }
        }
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("JCodec's decoder is built in another way now", e);
    }
  }
}
