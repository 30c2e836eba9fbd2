package org.tantra.plugin.mamba;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;
import org.tantra.api.ErrorKind;
import org.tantra.api.Modality;
import org.tantra.api.TantraException;
import org.tantra.media.Picture;
import org.tantra.media.Pictures;
import org.tantra.media.Sound;
import org.tantra.media.Sounds;
import org.tantra.nn.audio.DownMix;
import org.tantra.nn.audio.LogMelFrames;
import org.tantra.nn.audio.Resampler;

/// A picture as patches, or a recording as log-mel frames: what the network's encoders read.
final class MediaTokens {
  /// Pictures are looked at in at most so many patches each way.
  private static final int GRID = 14;

  /// Log-mel frames averaged into one token: with 10 ms each, a second is 25 tokens.
  private static final int FRAMES_EACH = 4;

  /// Frames of sound decoded at a time.
  private static final int BLOCK = 1 << 14;

  private final MultimodalNetwork.Kind kind;
  private final int count;
  private final float[] features;

  private MediaTokens(MultimodalNetwork.Kind kind, int count, float[] features) {
    this.kind = kind;
    this.count = count;
    this.features = features;
  }

  MultimodalNetwork.Kind kind() {
    return kind;
  }

  int count() {
    return count;
  }

  /// Features of some tokens, `[tokens, width]`.
  float[] features(int from, int tokens) {
    int width = features.length / count;
    return Arrays.copyOfRange(features, from * width, (from + tokens) * width);
  }

  /// @throws TantraException `INVALID` if the file cannot be read or is longer than the context;
  ///   `UNSUPPORTED` for videos
  static MediaTokens of(Modality modality, MemorySegment bytes, MultimodalConfig config) {
    return switch (modality) {
      case IMAGE -> picture(Pictures.read(bytes), config);
      case AUDIO -> recording(Sounds.open(bytes), config);
      default ->
          throw new TantraException(
                  ErrorKind.UNSUPPORTED,
                  "'mamba_multimodal' reads pictures and recordings, not "
                      + modality.name().toLowerCase(Locale.ROOT)
                      + ".")
              .about("messages");
    };
  }

  /// As many patches as fit the proportions, at most 14 x 14; each averaged down to its size.
  private static MediaTokens picture(Picture picture, MultimodalConfig config) {
    int side = config.patchSize();
    int columns = patches(picture.width(), picture.height());
    int rows = patches(picture.height(), picture.width());
    int width = columns * side;
    int height = rows * side;
    float[] features = new float[rows * columns * config.visionDim()];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int patch = y / side * columns + x / side;
        int pixel = y % side * side + x % side;
        for (int c = 0; c < 3; c++) {
          features[patch * config.visionDim() + c * side * side + pixel] =
              area(picture, x, y, width, height, c) * 2 - 1;
        }
      }
    }
    return new MediaTokens(MultimodalNetwork.Kind.VISION, rows * columns, features);
  }

  private static int patches(int length, int other) {
    return length >= other ? GRID : Math.max(1, Math.round((float) GRID * length / other));
  }

  private static float area(Picture picture, int x, int y, int width, int height, int channel) {
    int left = (int) ((long) x * picture.width() / width);
    int right = Math.max(left + 1, (int) ((long) (x + 1) * picture.width() / width));
    int top = (int) ((long) y * picture.height() / height);
    int bottom = Math.max(top + 1, (int) ((long) (y + 1) * picture.height() / height));
    long sum = 0;
    for (int j = top; j < bottom; j++) {
      for (int i = left; i < right; i++) {
        sum += picture.at(i, j, channel);
      }
    }
    return sum / (255f * (right - left) * (bottom - top));
  }

  private static MediaTokens recording(Sound sound, MultimodalConfig config) {
    Frames frames = new Frames(config);
    LogMelFrames mels = new LogMelFrames(config.audioDim(), frames::add);
    DownMix mix = new DownMix(sound.channels());
    Resampler resampler = new Resampler(sound.sampleRateHz(), LogMelFrames.SAMPLE_RATE_HZ);
    float[] block = new float[BLOCK * sound.channels()];
    int read;
    while ((read = sound.read(block, BLOCK)) > 0) {
      float[] samples = resampler.add(mix.apply(block, read), read);
      mels.add(samples, 0, samples.length);
    }
    float[] last = resampler.finish();
    mels.add(last, 0, last.length);
    // Whatever the end is, one more frame and half a window of silence complete it.
    mels.addSilence(2 * FRAMES_EACH * LogMelFrames.HOP_SAMPLES);
    return frames.tokens();
  }

  /// Averages frames into tokens as they come.
  private static final class Frames {
    private final MultimodalConfig config;
    private float[] features = new float[0];
    private int frames;

    Frames(MultimodalConfig config) {
      this.config = config;
    }

    void add(float[] frame) {
      int token = frames / FRAMES_EACH;
      int width = config.audioDim();
      if (token >= config.contextTokens()) {
        throw new TantraException(
                ErrorKind.INVALID,
                "The recording is longer than the %d tokens this model takes in; at %d frames each that is %d seconds. Cut it."
                    .formatted(
                        config.contextTokens(),
                        FRAMES_EACH,
                        (long) config.contextTokens()
                            * FRAMES_EACH
                            * LogMelFrames.HOP_SAMPLES
                            / LogMelFrames.SAMPLE_RATE_HZ))
            .about("messages");
      }
      if ((token + 1) * width > features.length) {
        features = Arrays.copyOf(features, Math.max(64 * width, 2 * features.length));
      }
      for (int m = 0; m < width; m++) {
        // Raw logarithms run from -10 to about 2.
        features[token * width + m] += (frame[m] - LogMelFrames.FLOOR) / 12 / FRAMES_EACH;
      }
      frames++;
    }

    MediaTokens tokens() {
      int count = Math.max(1, frames / FRAMES_EACH);
      return new MediaTokens(
          MultimodalNetwork.Kind.AUDIO, count, Arrays.copyOf(features, count * config.audioDim()));
    }
  }
}
