package org.tantra.nn;

/// Rotary position embedding in half-split form: element `i` of a head is turned together with
/// element `i + headDim / 2`, by the position times `theta^(-2i / headDim)`.
///
/// Frequencies and angles are F32 numbers, as in the models that are trained with them: at large
/// positions that is part of the definition. Immutable.
///
/// @see <a href="https://arxiv.org/abs/2104.09864">Su et al. 2021, section 3.2</a>
public final class RotaryEmbedding {
  private final int headDim;
  private final float[] frequencies;

  /// @throws IllegalArgumentException if `headDim` is odd
  public RotaryEmbedding(int headDim, double theta) {
    if (headDim % 2 != 0) {
      throw new IllegalArgumentException("headDim " + headDim + " has no halves");
    }
    this.headDim = headDim;
    this.frequencies = new float[headDim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) (1 / Math.pow(theta, 2.0 * i / headDim));
    }
  }

  /// Cosines and then sines of one position, for [#apply].
  ///
  /// @param turns `[headDim]` from `at` on, overwritten
  public void turns(float[] turns, int at, int position) {
    int half = frequencies.length;
    for (int i = 0; i < half; i++) {
      float angle = position * frequencies[i];
      turns[at + i] = (float) Math.cos(angle);
      turns[at + half + i] = (float) Math.sin(angle);
    }
  }

  /// Turns the heads of one token in place.
  ///
  /// @param x `[heads, headDim]` from `at` on
  /// @param turns what [#turns] gave for the token's position, from `turnsAt` on
  public void apply(float[] x, int at, int heads, float[] turns, int turnsAt) {
    int half = frequencies.length;
    for (int head = 0; head < heads; head++) {
      int low = at + head * headDim;
      int high = low + half;
      for (int i = 0; i < half; i++) {
        float cos = turns[turnsAt + i];
        float sin = turns[turnsAt + half + i];
        float a = x[low + i];
        float b = x[high + i];
        x[low + i] = a * cos - b * sin;
        x[high + i] = b * cos + a * sin;
      }
    }
  }
}
