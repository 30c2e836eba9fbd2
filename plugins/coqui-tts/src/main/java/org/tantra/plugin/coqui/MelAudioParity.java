package org.tantra.plugin.coqui;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.media.Sound;
import org.tantra.media.Sounds;
import org.tantra.nn.parity.Comparison;

/// Compares the way from samples to mel frames and back with the reference, for each set of options
/// that a case lists.
public final class MelAudioParity implements ParityCheck {
  private static final int EVERY = 4;
  private static final int LINEAR_FRAME = 10;

  /// Silence to -60 dB, and none to the thresholds of natural logarithms and of gain 1.
  private static final float NEAR_ZERO = 1e-6f;

  @Override
  public Set<String> families() {
    return Set.of("coqui-audio");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    float[] samples = samples(golden);
    List<Finding> findings = new ArrayList<>();
    List<Object> cases = golden.expected().list("cases");
    for (int i = 0; i < cases.size(); i++) {
      findings.addAll(new Case(golden, i, section(cases.get(i))).run(samples));
    }
    return findings;
  }

  private static Settings section(Object value) {
    return Settings.of("expected.json", Map.of("case", value)).section("case");
  }

  private static float[] samples(ParityCase golden) {
    Sound sound =
        Sounds.open(
            golden
                .checkpoint()
                .file("input.wav")
                .orElseThrow(
                    () ->
                        new TantraException(
                            ErrorKind.NOT_FOUND,
                            "Case '" + golden.name() + "' has no input.wav.")));
    float[] all = new float[0];
    float[] block = new float[1 << 14];
    for (int read = sound.read(block, block.length / sound.channels());
        read > 0;
        read = sound.read(block, block.length / sound.channels())) {
      int before = all.length;
      all = Arrays.copyOf(all, before + read);
      System.arraycopy(block, 0, all, before, read);
    }
    return all;
  }

  /// One set of options.
  private record Case(ParityCase golden, int index, Settings values) {
    List<Finding> run(float[] samples) {
      Settings tolerance = golden.expected().section("tolerance");
      MelAudio audio = new MelAudio(AudioConfig.of(values.section("params")), statistics());
      int mels = audio.config().mels();
      Comparison mel = new Comparison(golden, tolerance.number("mel_max_abs", 2e-3), 0);
      mel.check(index + ".mel", HifiGanParity.turned(audio.analyse(samples), mel(audio, samples)));
      float[] given = HifiGanParity.turned(mel.floats(index + ".mel"), mels);
      List<Finding> findings = new ArrayList<>(mel.findings());
      findings.addAll(denormalised(audio, given, tolerance));
      findings.addAll(linear(audio, given, tolerance));
      endpoint(audio, samples, findings);
      return findings;
    }

    private static int mel(MelAudio audio, float[] samples) {
      return 1 + samples.length / audio.config().hop();
    }

    private MelAudio.@Nullable BandStatistics statistics() {
      if (!values.flag("mean_var_stats", false)) {
        return null;
      }
      Comparison reader = new Comparison(golden, 0, 0);
      return new MelAudio.BandStatistics(
          reader.floats("stats.mel_mean"), reader.floats("stats.mel_std"));
    }

    private List<Finding> denormalised(MelAudio audio, float[] given, Settings tolerance) {
      Comparison comparison =
          new Comparison(golden, tolerance.number("denormalized_max_abs", 0.02), 0);
      int mels = audio.config().mels();
      float[] all = audio.denormalised(given);
      int frames = all.length / mels;
      int kept = Math.ceilDiv(frames, EVERY);
      float[] some = new float[kept * mels];
      for (int i = 0; i < some.length; i++) {
        some[i] = all[i / mels * EVERY * mels + i % mels];
      }
      comparison.check(index + ".denormalized_every_4th_frame", HifiGanParity.turned(some, kept));
      return comparison.findings();
    }

    private List<Finding> linear(MelAudio audio, float[] given, Settings tolerance) {
      String name = index + ".linear_frame_10";
      float[] expected = new Comparison(golden, 0, 0).floats(name);
      double largest = 0;
      for (float value : expected) {
        largest = Math.max(largest, Math.abs(value));
      }
      Comparison comparison =
          new Comparison(golden, tolerance.number("linear_rel_of_max", 1e-3) * largest, 0);
      double[] magnitudes = audio.magnitudes(given);
      float[] frame = new float[expected.length];
      for (int bin = 0; bin < frame.length; bin++) {
        frame[bin] = (float) magnitudes[LINEAR_FRAME * (audio.config().fft() / 2 + 1) + bin];
      }
      comparison.check(name, frame);
      return comparison.findings();
    }

    private void endpoint(MelAudio audio, float[] samples, List<Finding> findings) {
      String key = "find_endpoint_of_wave_plus_30000_near_zero_samples";
      if (!values.has(key)) {
        return;
      }
      float[] longer = Arrays.copyOf(samples, samples.length + 30_000);
      Arrays.fill(longer, samples.length, longer.length, NEAR_ZERO);
      Comparison comparison = new Comparison(golden, 0, 0);
      comparison.checkExactly(
          index + ".endpoint", new int[] {audio.endpoint(longer)}, new int[] {values.integer(key)});
      findings.addAll(comparison.findings());
    }
  }
}
