package org.tantra.nn.spike;

import java.util.Arrays;

/// Spike counts spread over time: for each virtual time step and activation a spike of -1, 0 or 1.
///
/// An equal way to write the same numbers, for hardware that adds when something fires and rests
/// otherwise: with weights of the steps `weight(t)`, `Σ_t weight(t) · spike[t][i] - zero[i] =
/// counts[i]`. Immutable.
///
/// @see <a href="https://arxiv.org/abs/2509.05276">SpikingBrain Technical Report, section 3.3</a>
public final class SpikeTrain {
  /// How counts become spikes. `c` is a count, `T` the number of steps.
  public enum Coding {
    /// `|c|` steps with the sign of `c`, then rest; `T` is the largest `|c|`.
    TERNARY,
    /// The bits of `|c|`, most significant first, negated for `c < 0`; `T = ceil(log2(max |c| +
    /// 1))`.
    BITWISE,
    /// The bits of `c mod 2^T`, most significant first; `zero` is `2^T` where the sign bit is set.
    /// `T` is one more than that of [#BITWISE].
    TWOS_COMPLEMENT,
    /// [#TERNARY] of the counts minus their minimum, without negative spikes; `zero` is the negated
    /// minimum if that is below 0.
    SHIFTED,
    /// [#BITWISE] of the counts minus their minimum, as [#SHIFTED].
    SHIFTED_BITWISE;

    private boolean shifts() {
      return this == SHIFTED || this == SHIFTED_BITWISE;
    }

    private boolean counts() {
      return this == TERNARY || this == SHIFTED;
    }
  }

  private static final int LARGEST = 1 << 24;

  private final Coding coding;
  private final int steps;
  private final int length;
  private final byte[] spikes;
  private final int[] zero;

  private SpikeTrain(Coding coding, int steps, int length, byte[] spikes, int[] zero) {
    this.coding = coding;
    this.steps = steps;
    this.length = length;
    this.spikes = spikes;
    this.zero = zero;
  }

  /// @throws IllegalArgumentException if a count is beyond 2^24, where F32 stops telling integers
  ///   apart
  /// @throws ArithmeticException if the train would have more spikes than an array holds
  public static SpikeTrain of(Coding coding, int[] counts) {
    for (int count : counts) {
      if (count < -LARGEST || count > LARGEST) {
        throw new IllegalArgumentException("count " + count + " is beyond " + LARGEST);
      }
    }
    int[] zero = new int[counts.length];
    int[] coded = counts.clone();
    int lowest = Arrays.stream(counts).min().orElse(0);
    if (coding.shifts() && lowest < 0) {
      Arrays.fill(zero, -lowest);
      Arrays.setAll(coded, i -> counts[i] - lowest);
    }
    int largest = Arrays.stream(coded).map(Math::abs).max().orElse(0);
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(largest);
    int steps = coding.counts() ? largest : coding == Coding.TWOS_COMPLEMENT ? bits + 1 : bits;
    if (coding == Coding.TWOS_COMPLEMENT) {
      Arrays.setAll(zero, i -> counts[i] < 0 ? 1 << steps : 0);
    }
    byte[] spikes = new byte[Math.multiplyExact(steps, counts.length)];
    for (int t = 0; t < steps; t++) {
      for (int i = 0; i < coded.length; i++) {
        spikes[t * coded.length + i] = spike(coding, coded[i], t, steps);
      }
    }
    return new SpikeTrain(coding, steps, counts.length, spikes, zero);
  }

  private static byte spike(Coding coding, int count, int t, int steps) {
    if (coding.counts()) {
      return (byte) (t < Math.abs(count) ? Integer.signum(count) : 0);
    }
    int place = steps - 1 - t;
    if (coding == Coding.TWOS_COMPLEMENT) {
      return (byte) (count >> place & 1);
    }
    return (byte) ((Math.abs(count) >> place & 1) * Integer.signum(count));
  }

  /// Virtual time steps, `T`.
  public int steps() {
    return steps;
  }

  /// The spike of one activation at one step: -1, 0 or 1.
  public int spike(int step, int activation) {
    return spikes[step * length + activation];
  }

  /// What to take off the sum of an activation's spikes.
  public int zero(int activation) {
    return zero[activation];
  }

  /// What a spike counts for at a step.
  public int weight(int step) {
    return coding.counts() ? 1 : 1 << (steps - 1 - step);
  }

  /// The counts that the train was made of.
  public int[] counts() {
    int[] counts = new int[length];
    for (int i = 0; i < length; i++) {
      for (int t = 0; t < steps; t++) {
        counts[i] += weight(t) * spike(t, i);
      }
      counts[i] -= zero[i];
    }
    return counts;
  }

  /// Share of the places in time and activations where something fires; 0 for an empty train.
  public double firingRate() {
    int fired = 0;
    for (byte spike : spikes) {
      fired += spike != 0 ? 1 : 0;
    }
    return spikes.length == 0 ? 0 : (double) fired / spikes.length;
  }
}
