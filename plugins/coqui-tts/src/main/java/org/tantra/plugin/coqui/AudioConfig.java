package org.tantra.plugin.coqui;

import org.jspecify.annotations.Nullable;
import org.tantra.api.Settings;
import org.tantra.nn.ConfigFile;

/// The `audio` section of `config.json`: how sound became mel frames in training.
///
/// @param base of the logarithm
/// @param gain factor of the logarithm
/// @param power what magnitudes are raised to before Griffin and Lim's method
/// @param norm how log-mel values were brought into a range; null if they were not
/// @param trimDb level below which the end of a sentence counts as silence
record AudioConfig(
    int sampleRateHz,
    int fft,
    int hop,
    int window,
    int mels,
    double lowHz,
    double highHz,
    double base,
    double gain,
    double preemphasis,
    double power,
    int rounds,
    boolean reflect,
    @Nullable Norm norm,
    boolean trim,
    double trimDb) {
  /// @param statistics whether each band has its mean and deviation; the rest says nothing then
  record Norm(
      boolean statistics,
      boolean symmetric,
      double maximum,
      boolean clip,
      double minLevelDb,
      double refLevelDb) {}

  /// @throws org.tantra.api.TantraException `CORRUPT` or `UNSUPPORTED` if this cannot be computed
  static AudioConfig of(Settings audio) {
    int rate = audio.integer("sample_rate", 22_050);
    int fft = audio.integer("fft_size", 1024);
    int hop = samples(audio, "hop_length", "frame_shift_ms", rate, 256);
    int window = samples(audio, "win_length", "frame_length_ms", rate, fft);
    int mels = audio.integer("num_mels", 80);
    double low = audio.number("mel_fmin", 0);
    double high = audio.number("mel_fmax", rate / 2.0);
    if (rate < 1000 || rate > 384_000 || fft < 2 || fft % 2 != 0 || fft > 1 << 16) {
      throw ConfigFile.corrupt("audio.sample_rate is " + rate + ", audio.fft_size " + fft);
    }
    if (hop < 1 || window < 1 || window > fft || mels < 1 || mels > 1024) {
      throw ConfigFile.corrupt(
          "audio.hop_length is %d, audio.win_length %d, audio.num_mels %d with audio.fft_size %d"
              .formatted(hop, window, mels, fft));
    }
    if (!(low >= 0) || !(high > low)) {
      throw ConfigFile.corrupt("audio.mel_fmin is " + low + ", audio.mel_fmax " + high);
    }
    int rounds = audio.integer("griffin_lim_iters", 60);
    if (rounds < 0 || rounds > 10_000) {
      throw ConfigFile.corrupt("audio.griffin_lim_iters is " + rounds);
    }
    return new AudioConfig(
        rate,
        fft,
        hop,
        window,
        mels,
        low,
        high,
        base(audio.text("log_func", "np.log10")),
        audio.number("spec_gain", 20),
        audio.number("preemphasis", 0),
        audio.number("power", 1.5),
        rounds,
        audio.text("stft_pad_mode", "reflect").equals("reflect"),
        norm(audio),
        audio.flag("do_trim_silence", true),
        audio.number("trim_db", 45));
  }

  private static int samples(
      Settings audio, String key, String milliseconds, int rate, int otherwise) {
    if (!audio.has(key) && audio.has(milliseconds)) {
      return (int) (audio.number(milliseconds) / 1000 * rate);
    }
    return audio.integer(key, otherwise);
  }

  private static double base(String function) {
    return switch (function) {
      case "np.log" -> Math.E;
      case "np.log10" -> 10;
      default ->
          throw ConfigFile.unsupported(
              "asks for audio.log_func '" + function + "'; there are np.log and np.log10.");
    };
  }

  private static @Nullable Norm norm(Settings audio) {
    if (!audio.flag("signal_norm", false)) {
      return null;
    }
    return new Norm(
        audio.has("stats_path"),
        audio.flag("symmetric_norm", true),
        audio.number("max_norm", 4),
        audio.flag("clip_norm", true),
        audio.number("min_level_db", -100),
        audio.number("ref_level_db", 20));
  }
}
