package org.tantra.plugin.longvita;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.TensorView;
import org.tantra.media.Picture;
import org.tantra.media.Pictures;
import org.tantra.media.Video;
import org.tantra.nn.SharedSpace;

/// A tower, ready to encode pictures and videos.
record LoadedVision(
    VisionNetwork network,
    Preprocessing preprocessing,
    int tiles,
    FrameChoice frames,
    Arena copies,
    long residentBytes,
    String fingerprint)
    implements LoadedEncoder {

  @Override
  public TensorView embed(Media item, Cancellation cancellation) {
    List<float[]> vectors =
        switch (item) {
          case Media.Encoded(var modality, var bytes) when modality == Modality.IMAGE ->
              image(bytes, cancellation);
          case Media.Encoded(var modality, var bytes) when modality == Modality.VIDEO ->
              video(bytes, cancellation);
          case Media.Frames(var pictures) -> folder(pictures, cancellation);
          default ->
              throw new TantraException(
                  ErrorKind.UNSUPPORTED,
                  "'longvita' reads pictures and videos, not "
                      + item.modality().name().toLowerCase(java.util.Locale.ROOT)
                      + ".");
        };
    return TensorView.of(SharedSpace.unit(SharedSpace.mean(vectors)), SharedSpace.WIDTH);
  }

  private List<float[]> image(MemorySegment bytes, Cancellation cancellation) {
    Picture picture = Pictures.read(bytes, Preprocessing.DEEP_GREY);
    List<float[]> vectors = new ArrayList<>();
    for (Picture part :
        tiles == 1
            ? List.of(preprocessing.whole(picture))
            : new Tiling(tiles, preprocessing.side()).cut(picture)) {
      vectors.add(vector(part, cancellation));
    }
    return vectors;
  }

  private List<float[]> video(MemorySegment bytes, Cancellation cancellation) {
    List<float[]> vectors = new ArrayList<>();
    try (Video video = Video.open(bytes)) {
      int before = -1;
      for (int index : frames.ofFile(video.frames(), video.framesPerSecond())) {
        cancellation.check();
        vectors.add(
            index == before
                ? vectors.getLast()
                : vector(preprocessing.whole(video.frame(index)), cancellation));
        before = index;
      }
    }
    return vectors;
  }

  private List<float[]> folder(List<MemorySegment> pictures, Cancellation cancellation) {
    List<float[]> vectors = new ArrayList<>();
    for (int index : frames.ofFolder(pictures.size())) {
      cancellation.check();
      Picture picture = Pictures.read(pictures.get(index), Preprocessing.DEEP_GREY);
      vectors.add(vector(preprocessing.whole(picture), cancellation));
    }
    return vectors;
  }

  private float[] vector(Picture part, Cancellation cancellation) {
    return network.meaning(
        preprocessing.normalised(part), part.height(), part.width(), cancellation);
  }

  @Override
  public void close() {
    if (copies.scope().isAlive()) {
      copies.close();
    }
  }
}
