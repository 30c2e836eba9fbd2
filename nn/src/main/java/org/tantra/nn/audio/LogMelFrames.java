package org.tantra.nn.audio;

import java.util.function.Consumer;

/// Whisper's log-mel frames of a stream of samples, as raw decimal logarithms: a frame of 400
/// samples every 160, periodic Hann window, power of the real transform, Slaney mel bands from 0 to
/// 8000 Hz, `log10(max(x, 1e-10))`.
///
/// Samples come in pieces of any length, so that memory does not grow with the recording. The
/// beginning is mirrored, as `torch.stft` does with `center=True`; the end is whatever the caller
/// appends, usually 30 s of zeros. [#normalise] turns raw logarithms into what the network reads.
/// Used by one thread.
///
/// @see <a href="https://arxiv.org/abs/2212.04356">Radford et al. 2022, section 2.2</a>
public final class LogMelFrames {
  public static final int SAMPLE_RATE_HZ = 16_000;
  public static final int HOP_SAMPLES = 160;

  /// Raw value of silence.
  public static final float FLOOR = -10;

  private static final int FRAME_SAMPLES = 400;
  private static final int HALF = FRAME_SAMPLES / 2;
  private static final double HIGHEST_HZ = 8000;

  /// What lies more than 8 decades (80 dB) below the loudest is cut off.
  private static final float RANGE = 8;

  private final Consumer<float[]> sink;
  private final MelFilterbank filterbank;
  private final RealFft fft = new RealFft(FRAME_SAMPLES);
  private final double[] window = Windows.hann(FRAME_SAMPLES);
  private final double[] frame = new double[FRAME_SAMPLES];
  private final double[] re = new double[fft.bins()];
  private final double[] im = new double[fft.bins()];
  private final double[] bands;

  /// The frame under way, its beginning mirrored.
  private final float[] pending = new float[FRAME_SAMPLES];

  private final float[] opening = new float[HALF + 1];
  private int opened;
  private int filled;

  /// @param mels bands: 80, or 128 for large-v3
  /// @param sink takes each frame `[mels]` in order; the array is its own
  public LogMelFrames(int mels, Consumer<float[]> sink) {
    this.sink = sink;
    this.filterbank = new MelFilterbank(SAMPLE_RATE_HZ, FRAME_SAMPLES, mels, 0, HIGHEST_HZ);
    this.bands = new double[mels];
  }

  /// Takes in the next samples, mono at 16 kHz.
  public void add(float[] samples, int from, int until) {
    int at = from;
    while (opened <= HALF && at < until) {
      opening[opened++] = samples[at++];
      if (opened == HALF + 1) {
        open();
      }
    }
    while (at < until) {
      int count = Math.min(FRAME_SAMPLES - filled, until - at);
      System.arraycopy(samples, at, pending, filled, count);
      filled += count;
      at += count;
      emitWhenFull();
    }
  }

  /// Takes in zeros.
  public void addSilence(int samples) {
    float[] zeros = new float[Math.min(samples, SAMPLE_RATE_HZ)];
    for (int left = samples; left > 0; left -= zeros.length) {
      add(zeros, 0, Math.min(left, zeros.length));
    }
  }

  /// Mirrors the first samples, the very first excepted.
  private void open() {
    for (int i = 0; i < HALF; i++) {
      pending[i] = opening[HALF - i];
    }
    filled = HALF;
    for (int i = 0; i <= HALF; i++) {
      pending[filled++] = opening[i];
      emitWhenFull();
    }
  }

  private void emitWhenFull() {
    if (filled < FRAME_SAMPLES) {
      return;
    }
    for (int i = 0; i < FRAME_SAMPLES; i++) {
      frame[i] = pending[i] * window[i];
    }
    fft.forward(frame, re, im);
    for (int bin = 0; bin < re.length; bin++) {
      re[bin] = re[bin] * re[bin] + im[bin] * im[bin];
    }
    filterbank.apply(bands, re);
    float[] logs = new float[bands.length];
    for (int i = 0; i < logs.length; i++) {
      logs[i] = (float) Math.log10(Math.max(bands[i], 1e-10));
    }
    sink.accept(logs);
    System.arraycopy(pending, HOP_SAMPLES, pending, 0, FRAME_SAMPLES - HOP_SAMPLES);
    filled = FRAME_SAMPLES - HOP_SAMPLES;
  }

  /// `(max(value, loudest - 8) + 4) / 4`.
  ///
  /// @param raw a raw logarithm
  /// @param loudest largest raw logarithm of the whole recording
  public static float normalise(float raw, float loudest) {
    return (Math.max(raw, loudest - RANGE) + 4) / 4;
  }

  /// The normalised log-mel of a short recording, padded with zeros or cut.
  ///
  /// @param samples mono at 16 kHz
  /// @param frames how many frames; 3000 are 30 s
  /// @return `[mels, frames]`
  public static float[] of(float[] samples, int mels, int frames) {
    float[] raw = new float[mels * frames];
    int[] seen = new int[1];
    float[] loudest = {FLOOR};
    LogMelFrames stream =
        new LogMelFrames(
            mels,
            frame -> {
              for (int i = 0; i < mels && seen[0] < frames; i++) {
                raw[i * frames + seen[0]] = frame[i];
                loudest[0] = Math.max(loudest[0], frame[i]);
              }
              seen[0]++;
            });
    int kept = Math.min(samples.length, frames * HOP_SAMPLES);
    stream.add(samples, 0, kept);
    int padding = frames * HOP_SAMPLES - kept;
    stream.addSilence(padding);
    // The last frames reach beyond the padded end, which is mirrored.
    float[] tail = new float[HALF];
    for (int i = 0; i < HALF; i++) {
      int mirrored = Stft.mirrored(frames * HOP_SAMPLES + i, frames * HOP_SAMPLES);
      tail[i] = mirrored < kept ? samples[mirrored] : 0;
    }
    stream.add(tail, 0, HALF);
    for (int i = 0; i < raw.length; i++) {
      raw[i] = normalise(raw[i], loudest[0]);
    }
    return raw;
  }
}
