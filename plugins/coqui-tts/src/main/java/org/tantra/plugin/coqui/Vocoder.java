package org.tantra.plugin.coqui;

import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;

/// Mel frames to samples.
interface Vocoder {
  /// Samples per second that come out.
  int sampleRateHz();

  /// What it is, for people.
  String title();

  /// @param mel `[frames, mels]` in the range of the acoustic model's training
  /// @return mono samples from -1 to 1
  float[] apply(float[] mel, Cancellation cancellation);

  /// Bytes it holds beside mapped weights.
  long ownBytes();

  /// A network that reads what another was trained to write.
  record Neural(HifiGan network, MelAudio writer, MelAudio reader) implements Vocoder {
    @Override
    public int sampleRateHz() {
      return reader.config().sampleRateHz();
    }

    @Override
    public String title() {
      return "HiFi-GAN";
    }

    @Override
    public float[] apply(float[] mel, Cancellation cancellation) {
      float[] read = reader.normalised(writer.denormalised(mel));
      double factor = (double) sampleRateHz() / writer.config().sampleRateHz();
      float[] stretched = factor == 1 ? read : stretched(read, network.mels(), factor);
      return network.apply(stretched, network.padding(), cancellation);
    }

    /// Resamples frames along time, linearly between the middles of frames.
    static float[] stretched(float[] mel, int mels, double factor) {
      int frames = mel.length / mels;
      int longer = Math.max(1, (int) Math.floor(frames * factor));
      float[] out = new float[longer * mels];
      for (int t = 0; t < longer; t++) {
        double at = Math.max(0, (t + 0.5) / factor - 0.5);
        int before = Math.min((int) at, frames - 1);
        int after = Math.min(before + 1, frames - 1);
        float share = (float) (at - before);
        for (int band = 0; band < mels; band++) {
          float first = mel[before * mels + band];
          out[t * mels + band] = first + share * (mel[after * mels + band] - first);
        }
      }
      return out;
    }

    @Override
    public long ownBytes() {
      return network.ownBytes();
    }
  }

  /// Griffin and Lim's method, for want of a network.
  record Classic(AudioConfig config, MelAudio.@Nullable BandStatistics statistics)
      implements Vocoder {
    @Override
    public int sampleRateHz() {
      return config.sampleRateHz();
    }

    @Override
    public String title() {
      return "Griffin-Lim";
    }

    @Override
    public float[] apply(float[] mel, Cancellation cancellation) {
      return new MelAudio(config, statistics).griffinLim(mel, cancellation);
    }

    @Override
    public long ownBytes() {
      return 0;
    }
  }
}
