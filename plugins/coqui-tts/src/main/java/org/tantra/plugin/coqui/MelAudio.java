package org.tantra.plugin.coqui;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.nn.audio.GriffinLim;
import org.tantra.nn.audio.MelFilterbank;
import org.tantra.nn.audio.MelInversion;
import org.tantra.nn.audio.Stft;

/// Between samples and the mel frames that a network was trained on, both ways.
///
/// Frames are `gain · log(max(1e-8, filterbank · |STFT|))`, then brought into a range as the
/// configuration says. All mel arrays are `[frames, mels]`. Used by one thread.
final class MelAudio {
  private static final double FLOOR = 1e-8;

  /// Least magnitude that is guessed from mel bands.
  private static final double LINEAR_FLOOR = 1e-10;

  /// A sentence ends where this long nothing is heard.
  private static final double SILENCE_SECONDS = 0.8;

  /// Griffin and Lim's method begins with the phases of this seed, so that a text always sounds the
  /// same.
  private static final long SEED = 1;

  private final AudioConfig config;
  private final @Nullable BandStatistics statistics;
  private final MelFilterbank filterbank;
  private @Nullable MelInversion inversion;

  /// Mean and deviation of each band over the training set.
  @SuppressWarnings("ArrayRecordComponent") // a table that is only read
  record BandStatistics(float[] mean, float[] deviation) {}

  /// @param statistics used instead of the range if bands are normalised at all; needed if the
  ///   configuration says that these were
  MelAudio(AudioConfig config, @Nullable BandStatistics statistics) {
    this.config = config;
    AudioConfig.Norm norm = config.norm();
    this.statistics = norm != null ? statistics : null;
    if (norm != null && norm.statistics() && statistics == null) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "config.json asks for the statistics of the mel bands (audio.stats_path), whose file is a"
              + " pickle. Save its 'mel_mean' and 'mel_std' as a safetensors file and name it as"
              + " checkpoint 'stats' in the model's configuration.");
    }
    if (statistics != null
        && (statistics.mean.length != config.mels()
            || statistics.deviation.length != config.mels())) {
      throw TacotronConfig.mismatch(
          "There are statistics of %d mel bands, frames have %d."
              .formatted(statistics.mean.length, config.mels()));
    }
    this.filterbank =
        new MelFilterbank(
            config.sampleRateHz(), config.fft(), config.mels(), config.lowHz(), config.highHz());
  }

  AudioConfig config() {
    return config;
  }

  /// The mel frames of some samples.
  float[] analyse(float[] samples) {
    float[] emphasised = samples.clone();
    for (int i = samples.length - 1; i > 0; i--) {
      emphasised[i] -= (float) (config.preemphasis() * samples[i - 1]);
    }
    Stft.Spectrum spectrum =
        new Stft(config.fft(), config.hop(), config.window(), config.reflect()).forward(emphasised);
    int bins = spectrum.bins();
    double[] magnitudes = new double[bins];
    double[] bands = new double[config.mels()];
    float[] mel = new float[spectrum.frames() * config.mels()];
    for (int f = 0; f < spectrum.frames(); f++) {
      for (int bin = 0; bin < bins; bin++) {
        magnitudes[bin] = Math.hypot(spectrum.re()[f * bins + bin], spectrum.im()[f * bins + bin]);
      }
      filterbank.apply(bands, magnitudes);
      for (int band = 0; band < bands.length; band++) {
        double log = Math.log(Math.max(FLOOR, bands[band])) / Math.log(config.base());
        mel[f * bands.length + band] = (float) (config.gain() * log);
      }
    }
    return normalised(mel);
  }

  /// Plain log-mel values brought into the range of training.
  float[] normalised(float[] mel) {
    AudioConfig.Norm norm = config.norm();
    float[] out = mel.clone();
    for (int i = 0; i < out.length && norm != null; i++) {
      double x = mel[i];
      if (statistics != null) {
        int band = i % config.mels();
        x = (x - statistics.mean[band]) / statistics.deviation[band];
      } else {
        x = (x - norm.refLevelDb() - norm.minLevelDb()) / -norm.minLevelDb();
        x = x * span(norm) + bottom(norm);
        x = norm.clip() ? Math.clamp(x, bottom(norm), norm.maximum()) : x;
      }
      out[i] = (float) x;
    }
    return out;
  }

  /// Values in the range of training brought back to plain log-mel.
  float[] denormalised(float[] mel) {
    AudioConfig.Norm norm = config.norm();
    float[] out = mel.clone();
    for (int i = 0; i < out.length && norm != null; i++) {
      double x = mel[i];
      if (statistics != null) {
        int band = i % config.mels();
        x = x * statistics.deviation[band] + statistics.mean[band];
      } else {
        x = norm.clip() ? Math.clamp(x, bottom(norm), norm.maximum()) : x;
        x = (x - bottom(norm)) / span(norm);
        x = x * -norm.minLevelDb() + norm.minLevelDb() + norm.refLevelDb();
      }
      out[i] = (float) x;
    }
    return out;
  }

  private static double bottom(AudioConfig.Norm norm) {
    return norm.symmetric() ? -norm.maximum() : 0;
  }

  private static double span(AudioConfig.Norm norm) {
    return norm.maximum() - bottom(norm);
  }

  /// The magnitudes that mel frames most likely come from.
  ///
  /// @param mel in the range of training
  /// @return `[frames, bins]`
  double[] magnitudes(float[] mel) {
    if (inversion == null) {
      inversion = new MelInversion(filterbank);
    }
    float[] plain = denormalised(mel);
    int mels = config.mels();
    int frames = plain.length / mels;
    int bins = inversion.bins();
    double[] magnitudes = new double[Math.multiplyExact(frames, bins)];
    double[] bands = new double[mels];
    for (int f = 0; f < frames; f++) {
      for (int band = 0; band < mels; band++) {
        bands[band] = amplitude(plain[f * mels + band]);
      }
      inversion.apply(magnitudes, f * bins, bands);
    }
    for (int i = 0; i < magnitudes.length; i++) {
      magnitudes[i] = Math.max(LINEAR_FLOOR, magnitudes[i]);
    }
    return magnitudes;
  }

  private double amplitude(double level) {
    return Math.pow(config.base(), level / config.gain());
  }

  /// Samples of mel frames without a vocoder.
  float[] griffinLim(float[] mel, Cancellation cancellation) {
    double[] magnitudes = magnitudes(mel);
    for (int i = 0; i < magnitudes.length; i++) {
      magnitudes[i] = Math.pow(magnitudes[i], config.power());
    }
    GriffinLim method = new GriffinLim(config.fft(), config.hop(), config.window());
    int frames = mel.length / config.mels();
    float[] wave =
        method.run(magnitudes, method.phases(frames, SEED), config.rounds(), cancellation);
    for (int i = 1; i < wave.length; i++) {
      wave[i] += (float) (config.preemphasis() * wave[i - 1]);
    }
    for (int i = 0; i < wave.length; i++) {
      wave[i] = Float.isFinite(wave[i]) ? Math.clamp(wave[i], -1, 1) : 0;
    }
    return wave;
  }

  /// Where silence begins; all samples if it does not.
  int endpoint(float[] samples) {
    int window = (int) (config.sampleRateHz() * SILENCE_SECONDS);
    int hop = window / 4;
    double threshold = amplitude(-config.trimDb());
    for (int at = hop; at < samples.length - window; at += hop) {
      float largest = Float.NEGATIVE_INFINITY;
      for (int i = at; i < at + window; i++) {
        largest = Math.max(largest, samples[i]);
      }
      if (largest < threshold) {
        return at + hop;
      }
    }
    return samples.length;
  }

  /// The samples up to where silence begins, if the configuration asks for that.
  float[] trimmed(float[] samples) {
    return config.trim() ? Arrays.copyOf(samples, endpoint(samples)) : samples;
  }
}
