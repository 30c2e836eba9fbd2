package org.tantra.plugin.whisper;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.Shape;
import org.tantra.media.Sound;
import org.tantra.media.Sounds;
import org.tantra.nn.audio.LogMelFrames;
import org.tantra.nn.audio.MelFilterbank;
import org.tantra.nn.parity.Comparison;

/// Compares what stands before the network with the reference: decoded WAVE files, mel filterbanks,
/// resampling and log-mel frames.
public final class FrontEndParity implements ParityCheck {
  private static final int FRAMES = 3000;
  private static final int BLOCK = 1 << 12;
  private static final String RESAMPLED = "audio_16k";

  @Override
  public Set<String> families() {
    return Set.of("whisper-frontend", "mel", "wav-reader");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    return switch (golden.family()) {
      case "mel" -> filterbanks(golden);
      case "wav-reader" -> files(golden);
      default -> frames(golden);
    };
  }

  /// Tensors are called after rate, size and range, `coqui_mel_22050_1024_80_0_8000`, or after
  /// Whisper's number of bands.
  private static List<Finding> filterbanks(ParityCase golden) {
    Comparison comparison = comparison(golden, "max_abs");
    for (String name : comparison.unread()) {
      String[] parts = name.substring(name.indexOf("mel_") + 4).split("_", -1);
      int[] sizes = Arrays.stream(parts).mapToInt(Integer::parseInt).toArray();
      MelFilterbank filterbank =
          sizes.length == 1
              ? new MelFilterbank(LogMelFrames.SAMPLE_RATE_HZ, 400, sizes[0], 0, 8000)
              : new MelFilterbank(sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]);
      comparison.check(name, filterbank.toFloats());
    }
    return comparison.findings();
  }

  private static List<Finding> files(ParityCase golden) {
    Comparison comparison = comparison(golden, "max_abs");
    Settings files = golden.expected().section("files");
    for (String name : files.keys()) {
      Sound sound = Sounds.open(file(golden, name));
      comparison.checkExactly(
          name + " rate, channels",
          new int[] {sound.sampleRateHz(), sound.channels()},
          new int[] {
            files.section(name).integer("sample_rate"), files.section(name).integer("channels")
          });
      comparison.check(name, samples(sound));
    }
    List<Finding> findings = new ArrayList<>(comparison.findings());
    for (String name : golden.expected().section("must_fail_cleanly").keys()) {
      findings.add(new Finding(name, 0, 0, ends(golden, name), "a result or a named error"));
    }
    return findings;
  }

  private static boolean ends(ParityCase golden, String name) {
    try {
      return samples(Sounds.open(file(golden, name))).length > 0;
    } catch (TantraException e) {
      return e.kind() == ErrorKind.INVALID || e.kind() == ErrorKind.UNSUPPORTED;
    }
  }

  private static float[] samples(Sound sound) {
    float[] block = new float[BLOCK * sound.channels()];
    float[] all = {};
    for (int read; (read = sound.read(block, BLOCK)) > 0; ) {
      int length = all.length;
      all = Arrays.copyOf(all, length + read * sound.channels());
      System.arraycopy(block, 0, all, length, read * sound.channels());
    }
    return all;
  }

  private static List<Finding> frames(ParityCase golden) {
    Settings tolerance = golden.expected().section("tolerance");
    float[] mono = new MonoSound(Sounds.open(file(golden, "input.wav"))).all();
    if (!tolerance.has("audio_16k_min_snr_db")) {
      Comparison largest = comparison(golden, "log_mel_max_abs");
      Comparison mean = comparison(golden, "log_mel_mean_abs");
      for (String name : largest.unread()) {
        float[] mel = stored(largest, mean, name, mono, golden.expected());
        largest.check(name, mel);
        mean.checkNumber(name + " mean difference", difference(mel, largest.floats(name), 1), 0);
      }
      return joined(largest, mean);
    }
    Comparison tight = comparison(golden, "log_mel_from_stored_audio_16k_max_abs");
    Comparison loose = comparison(golden, "log_mel_low90pct_bands_mean_abs");
    float[] reference = tight.floats(RESAMPLED);
    List<Finding> findings = new ArrayList<>();
    findings.add(resampled(mono, reference, tolerance.number("audio_16k_min_snr_db")));
    for (String name : tight.unread()) {
      tight.check(name, stored(tight, tight, name, reference, golden.expected()));
      float[] mel = stored(loose, loose, name, mono, golden.expected());
      loose.checkNumber(
          name + " low bands, own resampling", difference(mel, loose.floats(name), 0.9), 0);
    }
    findings.addAll(joined(tight, loose));
    return findings;
  }

  /// The frames that the case stores; the rest are compared with their one value.
  private static float[] stored(
      Comparison comparison, Comparison tail, String name, float[] samples, Settings expected) {
    Shape shape = comparison.info(name).shape();
    int mels = Math.toIntExact(shape.size(0));
    int count = Math.toIntExact(shape.size(1));
    float[] whole = LogMelFrames.of(samples, mels, FRAMES);
    float[] stored = new float[mels * count];
    float value = (float) expected.section("mel").section("" + mels).number("tail_value");
    float worst = value;
    for (int i = 0; i < mels; i++) {
      System.arraycopy(whole, i * FRAMES, stored, i * count, count);
      for (int t = count; t < FRAMES; t++) {
        float other = whole[i * FRAMES + t];
        worst = Math.abs(other - value) > Math.abs(worst - value) ? other : worst;
      }
    }
    if (comparison != tail) {
      comparison.checkNumber(name + " after the end", worst, value);
    }
    return stored;
  }

  /// Mean absolute difference over a share of the bands, the low ones.
  private static double difference(float[] actual, float[] expected, double share) {
    int count = (int) (expected.length * share);
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.abs((double) actual[i] - expected[i]);
    }
    return sum / count;
  }

  /// Signal to noise of our resampling, with the reference as the signal.
  private static Finding resampled(float[] actual, float[] expected, double leastDb) {
    int count = Math.min(actual.length, expected.length);
    double signal = 0;
    double noise = 0;
    double largest = 0;
    for (int i = 0; i < count; i++) {
      double error = (double) actual[i] - expected[i];
      signal += (double) expected[i] * expected[i];
      noise += error * error;
      largest = Math.max(largest, Math.abs(error));
    }
    double db = 10 * Math.log10(signal / noise);
    boolean within = db >= leastDb && Math.abs(actual.length - expected.length) <= 1;
    return new Finding(
        "%s: %.1f dB".formatted(RESAMPLED, db),
        largest,
        Math.sqrt(noise / signal),
        within,
        "at least " + leastDb + " dB, length ± 1");
  }

  private static List<Finding> joined(Comparison first, Comparison second) {
    List<Finding> findings = new ArrayList<>(first.findings());
    findings.addAll(second.findings());
    return findings;
  }

  private static Comparison comparison(ParityCase golden, String tolerance) {
    return new Comparison(golden, golden.expected().section("tolerance").number(tolerance), 0);
  }

  private static MemorySegment file(ParityCase golden, String name) {
    return golden
        .checkpoint()
        .file(name)
        .orElseThrow(
            () ->
                new TantraException(
                    ErrorKind.NOT_FOUND,
                    "Golden case '%s' has no file '%s'.".formatted(golden.name(), name)));
  }
}
