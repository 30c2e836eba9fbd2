package org.tantra.plugin.lite;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.TensorView;
import org.tantra.media.Pictures;
import org.tantra.media.Video;
import org.tantra.nn.SharedSpace;

/// `vision-lite`, ready to encode. All it holds is on the Java heap, so closing has nothing to do.
final class LoadedVisionLite implements LoadedEncoder {
  /// Frames of a video that are looked at, evenly spaced.
  private static final int FRAMES = 16;

  private final EdgeNetwork network;

  LoadedVisionLite(EdgeNetwork network) {
    this.network = network;
  }

  @Override
  public long residentBytes() {
    return network.bytes();
  }

  @Override
  public String fingerprint() {
    return "builtin-" + EdgeNetwork.VERSION;
  }

  @Override
  public TensorView embed(Media item, Cancellation cancellation) {
    List<float[]> vectors =
        switch (item) {
          case Media.Encoded(var modality, var bytes) when modality == Modality.IMAGE ->
              List.of(network.vector(Pictures.read(bytes)));
          case Media.Encoded(var modality, var bytes) when modality == Modality.VIDEO ->
              video(bytes, cancellation);
          case Media.Frames(var pictures) -> folder(pictures, cancellation);
          default ->
              throw new TantraException(
                  ErrorKind.UNSUPPORTED,
                  "'vision-lite' reads pictures and videos, not "
                      + item.modality().name().toLowerCase(Locale.ROOT)
                      + ".");
        };
    return TensorView.of(SharedSpace.unit(SharedSpace.mean(vectors)), SharedSpace.WIDTH);
  }

  private List<float[]> video(MemorySegment bytes, Cancellation cancellation) {
    List<float[]> vectors = new ArrayList<>();
    try (Video video = Video.open(bytes)) {
      int count = Math.min(FRAMES, video.frames());
      for (int i = 0; i < count; i++) {
        cancellation.check();
        int index = (int) ((long) i * video.frames() / count);
        vectors.add(network.vector(video.frame(index)));
      }
    }
    return vectors;
  }

  private List<float[]> folder(List<MemorySegment> pictures, Cancellation cancellation) {
    List<float[]> vectors = new ArrayList<>();
    int count = Math.min(FRAMES, pictures.size());
    for (int i = 0; i < count; i++) {
      cancellation.check();
      int index = (int) ((long) i * pictures.size() / count);
      vectors.add(network.vector(Pictures.read(pictures.get(index))));
    }
    return vectors;
  }

  @Override
  public void close() {}
}
