package org.tantra.plugin.mamba;

/// The sizes of what mixes tokens inside a layer.
sealed interface MixerConfig {
  /// Tokens that the causal convolution sees.
  int kernel();

  /// Mamba: every channel has a state of its own.
  ///
  /// @param inner channels
  /// @param state numbers in the state of one channel
  /// @param rank width of the bottleneck before the step sizes
  record Selective(int inner, int state, int kernel, int rank) implements MixerConfig {}

  /// Mamba-2: the channels of one head share a decay, the heads of one group share `B` and `C`.
  ///
  /// @param normGroups parts of the gated norm that have a mean of their own
  /// @param state numbers in the state of one channel
  /// @param dtLow least step size
  /// @param dtHigh largest step size, perhaps infinite
  /// @param epsilon of the gated norm
  record Headed(
      int heads,
      int headDim,
      int groups,
      int normGroups,
      int state,
      int kernel,
      double dtLow,
      double dtHigh,
      double epsilon)
      implements MixerConfig {
    int inner() {
      return heads * headDim;
    }

    /// What goes through the convolution: `x`, `B` and `C`.
    int convolved() {
      return inner() + 2 * groups * state;
    }
  }

  /// Earlier Tantra: a convolution times a sigmoid gate, no state beyond its window.
  record GatedConv(int kernel) implements MixerConfig {}
}
