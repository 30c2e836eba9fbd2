package org.tantra.nn.audio;

import java.util.Arrays;

/// Short-time Fourier transform with a periodic Hann window, frames centred on multiples of the
/// hop, and its inverse by overlap-add.
///
/// Agrees with `torch.stft` and `librosa.stft` with `center=True`. Used by one thread.
public final class Stft {
  private final RealFft fft;
  private final int hop;
  private final double[] window;
  private final boolean reflect;

  /// @param size samples of a frame, even
  /// @param hop samples between frames
  /// @param windowSamples length of the window, at most `size`; it lies in the frame's middle
  /// @param reflect whether the ends are mirrored; otherwise they are padded with zeros
  public Stft(int size, int hop, int windowSamples, boolean reflect) {
    if (hop < 1 || windowSamples < 1 || windowSamples > size) {
      throw new IllegalArgumentException(
          "hop " + hop + " and window " + windowSamples + " for frames of " + size);
    }
    this.fft = new RealFft(size);
    this.hop = hop;
    this.window = Windows.centred(Windows.hann(windowSamples), size);
    this.reflect = reflect;
  }

  /// Complex numbers by frame: element `[frame][bin]` at `frame · bins + bin`. Whoever has it may
  /// change them.
  public static final class Spectrum {
    private final int frames;
    private final int bins;
    private final double[] re;
    private final double[] im;

    /// All 0.
    public Spectrum(int frames, int bins) {
      this.frames = frames;
      this.bins = bins;
      this.re = new double[Math.multiplyExact(frames, bins)];
      this.im = new double[re.length];
    }

    public int frames() {
      return frames;
    }

    public int bins() {
      return bins;
    }

    /// The real parts themselves, no copy.
    public double[] re() {
      return re;
    }

    /// The imaginary parts themselves, no copy.
    public double[] im() {
      return im;
    }
  }

  /// Numbers of one frame.
  public int bins() {
    return fft.bins();
  }

  /// Frames of so many samples: `1 + samples / hop`.
  public int frames(int samples) {
    return 1 + samples / hop;
  }

  /// The transform of all frames.
  public Spectrum forward(float[] samples) {
    int size = fft.size();
    int bins = fft.bins();
    Spectrum spectrum = new Spectrum(frames(samples.length), bins);
    double[] frame = new double[size];
    double[] re = new double[bins];
    double[] im = new double[bins];
    for (int f = 0; f < spectrum.frames(); f++) {
      for (int i = 0; i < size; i++) {
        frame[i] = at(samples, f * hop + i - size / 2) * window[i];
      }
      fft.forward(frame, re, im);
      System.arraycopy(re, 0, spectrum.re(), f * bins, bins);
      System.arraycopy(im, 0, spectrum.im(), f * bins, bins);
    }
    return spectrum;
  }

  private double at(float[] samples, int index) {
    if (index >= 0 && index < samples.length) {
      return samples[index];
    }
    return reflect && samples.length > 0 ? samples[mirrored(index, samples.length)] : 0;
  }

  /// Index inside `0..length-1` after mirroring at both ends, which are not repeated.
  static int mirrored(int index, int length) {
    if (length == 1) {
      return 0;
    }
    int period = 2 * (length - 1);
    int inside = Math.floorMod(index, period);
    return inside < length ? inside : period - inside;
  }

  /// The samples whose frames these are, as far as they agree: windowed overlap-add, divided by the
  /// sum of squared windows.
  ///
  /// @param samples how many to give back, such as `hop · (frames - 1)`
  public float[] inverse(Spectrum spectrum, int samples) {
    int size = fft.size();
    int bins = fft.bins();
    int total = Math.max(size + hop * (spectrum.frames() - 1), size / 2 + samples);
    double[] sum = new double[total];
    double[] weight = new double[total];
    double[] frame = new double[size];
    for (int f = 0; f < spectrum.frames(); f++) {
      fft.inverse(
          Arrays.copyOfRange(spectrum.re(), f * bins, (f + 1) * bins),
          Arrays.copyOfRange(spectrum.im(), f * bins, (f + 1) * bins),
          frame);
      for (int i = 0; i < size; i++) {
        sum[f * hop + i] += frame[i] * window[i];
        weight[f * hop + i] += window[i] * window[i];
      }
    }
    float[] out = new float[samples];
    for (int i = 0; i < samples; i++) {
      double by = weight[size / 2 + i];
      out[i] = (float) (sum[size / 2 + i] / (by > Float.MIN_NORMAL ? by : 1));
    }
    return out;
  }
}
