package org.tantra.plugin.mamba;

import java.util.List;
import org.tantra.nn.Activation;
import org.tantra.nn.CausalConv;
import org.tantra.nn.HeadScan;
import org.tantra.nn.Linear;
import org.tantra.nn.Linears;
import org.tantra.nn.RmsNorm;
import org.tantra.nn.SelectiveScan;
import org.tantra.nn.SigmoidGate;
import org.tantra.nn.Softplus;
import org.tantra.nn.Workspace;
import org.tantra.plugin.mamba.MambaWeights.Map;

/// What lets the tokens of a row act on each other, inside one layer.
sealed interface Mixer {
  /// What a layer remembers of a row: of constant size, changed in place by the one session that
  /// has it.
  final class State {
    private final float[] window;
    private final float[] memory;

    /// @param window last inputs of the convolution
    /// @param memory state of the scan; empty if there is none
    State(float[] window, float[] memory) {
      this.window = window;
      this.memory = memory;
    }

    float[] window() {
      return window;
    }

    float[] memory() {
      return memory;
    }

    long bytes() {
      return (window.length + memory.length) * 4L;
    }
  }

  /// The state of a row without tokens.
  State begin();

  /// Mixes the next tokens of several rows, as many of each: the maps take all rows at once, what
  /// remembers takes each row by itself.
  ///
  /// @param y `[rows, tokens, hidden]`, overwritten
  /// @param x `[rows, tokens, hidden]`, normalised
  /// @param tokens of each row
  /// @param rows a state for each, moved on
  void apply(float[] y, float[] x, int tokens, List<State> rows, Workspace work);

  /// Bytes held beside the mapped weights.
  long ownBytes();

  static Mixer of(MixerConfig config, MambaWeights.Mixer weights, Linears linears) {
    return switch (weights) {
      case MambaWeights.Selective selective ->
          new Selective((MixerConfig.Selective) config, selective, linears);
      case MambaWeights.Headed headed -> new Headed((MixerConfig.Headed) config, headed, linears);
      case MambaWeights.GatedConv gated -> new GatedConv(gated, linears);
    };
  }

  private static List<float[]> windows(List<State> rows) {
    return rows.stream().map(State::window).toList();
  }

  private static List<float[]> memories(List<State> rows) {
    return rows.stream().map(State::memory).toList();
  }

  private static Linear linear(Map map, Linears linears) {
    return linears.rows(map.weight(), map.bias());
  }

  /// Mamba.
  ///
  /// ```
  /// x ─ inProj ┬ conv ─ silu ┬ xProj ┬ dtProj ─ softplus ─ dt ┐
  ///            │             │       └ B, C ──────────────────┤
  ///            │             └────────────────────────────── scan ─ · ─ outProj ─ y
  ///            └ silu ───────────────────────────────────────────────┘
  /// ```
  ///
  /// @see <a href="https://arxiv.org/abs/2312.00752">Gu and Dao 2023, figure 3</a>
  final class Selective implements Mixer {
    private final int inner;
    private final int state;
    private final int rank;
    private final Linear inProj;
    private final Linear gateProj;
    private final CausalConv convolution;
    private final Linear lowProj;
    private final Linear bcProj;
    private final Linear dtProj;
    private final SelectiveScan scan;
    private final Linear outProj;

    Selective(MixerConfig.Selective sizes, MambaWeights.Selective weights, Linears linears) {
      inner = sizes.inner();
      state = sizes.state();
      rank = sizes.rank();
      inProj = linear(weights.inProj().outputs(0, inner), linears);
      gateProj = linear(weights.inProj().outputs(inner, 2 * inner), linears);
      convolution = new CausalConv(weights.convolution().weight(), weights.convolution().bias());
      lowProj = linear(weights.xProj().outputs(0, rank), linears);
      bcProj = linear(weights.xProj().outputs(rank, rank + 2 * state), linears);
      dtProj = linear(weights.dtProj(), linears);
      scan = new SelectiveScan(weights.aLog(), weights.d(), linears.compute());
      outProj = linear(weights.outProj(), linears);
    }

    @Override
    public State begin() {
      return new State(convolution.newWindow(), scan.newState());
    }

    @Override
    public void apply(float[] y, float[] x, int tokens, List<State> rows, Workspace work) {
      int count = rows.size() * tokens;
      float[] in = work.floats(0, count * inner);
      float[] gate = work.floats(1, count * inner);
      float[] convolved = work.floats(2, count * inner);
      float[] low = work.floats(3, count * rank);
      float[] bc = work.floats(4, count * 2 * state);
      float[] dt = work.floats(5, count * inner);
      inProj.apply(in, x, count);
      gateProj.apply(gate, x, count);
      convolution.apply(convolved, in, tokens, windows(rows));
      Activation.SILU.apply(convolved, 0, count * inner);
      lowProj.apply(low, convolved, count);
      bcProj.apply(bc, convolved, count);
      dtProj.apply(dt, low, count);
      Softplus.apply(dt, 0, count * inner);
      scan.apply(convolved, convolved, dt, bc, tokens, memories(rows));
      multiplyBySilu(convolved, gate, count * inner);
      outProj.apply(y, convolved, count);
    }

    @Override
    public long ownBytes() {
      return inProj.ownBytes()
          + gateProj.ownBytes()
          + convolution.ownBytes()
          + dtProj.ownBytes()
          + scan.ownBytes()
          + outProj.ownBytes();
    }
  }

  /// Mamba-2.
  ///
  /// ```
  /// x ─ inProj ┬ x, B, C ─ conv ─ silu ─ scan ─ · ─ norm ─ outProj ─ y
  ///            ├ dt + bias ─ softplus ─────┘    │
  ///            └ silu ──────────────────────────┘
  /// ```
  ///
  /// @see <a href="https://arxiv.org/abs/2405.21060">Dao and Gu 2024, figure 6</a>
  final class Headed implements Mixer {
    private final MixerConfig.Headed sizes;
    private final Linear gateProj;
    private final Linear inProj;
    private final Linear dtProj;
    private final float[] dtBias;
    private final CausalConv convolution;
    private final HeadScan scan;
    private final RmsNorm norm;
    private final Linear outProj;

    Headed(MixerConfig.Headed sizes, MambaWeights.Headed weights, Linears linears) {
      this.sizes = sizes;
      int inner = sizes.inner();
      int convolved = sizes.convolved();
      int heads = sizes.heads();
      gateProj = linear(weights.inProj().outputs(0, inner), linears);
      inProj = linear(weights.inProj().outputs(inner, inner + convolved), linears);
      dtProj =
          linear(weights.inProj().outputs(inner + convolved, inner + convolved + heads), linears);
      dtBias = weights.dtBias().toFloats();
      convolution = new CausalConv(weights.convolution().weight(), weights.convolution().bias());
      scan =
          new HeadScan(
              weights.aLog(),
              weights.d(),
              sizes.headDim(),
              sizes.groups(),
              sizes.state(),
              linears.compute());
      norm = new RmsNorm(weights.norm(), sizes.normGroups(), sizes.epsilon());
      outProj = linear(weights.outProj(), linears);
    }

    @Override
    public State begin() {
      return new State(convolution.newWindow(), scan.newState());
    }

    @Override
    public void apply(float[] y, float[] x, int tokens, List<State> rows, Workspace work) {
      int count = rows.size() * tokens;
      int inner = sizes.inner();
      float[] gate = work.floats(0, count * inner);
      float[] in = work.floats(1, count * sizes.convolved());
      float[] convolved = work.floats(2, count * sizes.convolved());
      float[] dt = work.floats(3, count * sizes.heads());
      float[] scanned = work.floats(4, count * inner);
      gateProj.apply(gate, x, count);
      inProj.apply(in, x, count);
      dtProj.apply(dt, x, count);
      convolution.apply(convolved, in, tokens, windows(rows));
      Activation.SILU.apply(convolved, 0, count * sizes.convolved());
      stepSizes(dt, count);
      scan.apply(scanned, convolved, dt, tokens, memories(rows));
      multiplyBySilu(scanned, gate, count * inner);
      norm.apply(scanned, scanned, count);
      outProj.apply(y, scanned, count);
    }

    private void stepSizes(float[] dt, int tokens) {
      int heads = sizes.heads();
      for (int i = 0; i < tokens * heads; i++) {
        dt[i] += dtBias[i % heads];
      }
      Softplus.apply(dt, 0, tokens * heads);
      for (int i = 0; i < tokens * heads; i++) {
        dt[i] = (float) Math.clamp(dt[i], sizes.dtLow(), sizes.dtHigh());
      }
    }

    @Override
    public long ownBytes() {
      return gateProj.ownBytes()
          + inProj.ownBytes()
          + dtProj.ownBytes()
          + dtBias.length * 4L
          + convolution.ownBytes()
          + scan.ownBytes()
          + norm.ownBytes()
          + outProj.ownBytes();
    }
  }

  /// Earlier Tantra: `y = outProj(conv(u) · sigmoid(v))` with `u, v` the halves of `inProj(x)`.
  final class GatedConv implements Mixer {
    private final int hidden;
    private final Linear inProj;
    private final Linear gateProj;
    private final CausalConv convolution;
    private final Linear outProj;

    GatedConv(MambaWeights.GatedConv weights, Linears linears) {
      hidden = Math.toIntExact(weights.outProj().weight().shape().size(0));
      inProj = linear(weights.inProj().outputs(0, hidden), linears);
      gateProj = linear(weights.inProj().outputs(hidden, 2 * hidden), linears);
      convolution = new CausalConv(weights.convolution().weight(), weights.convolution().bias());
      outProj = linear(weights.outProj(), linears);
    }

    @Override
    public State begin() {
      return new State(convolution.newWindow(), new float[0]);
    }

    @Override
    public void apply(float[] y, float[] x, int tokens, List<State> rows, Workspace work) {
      int count = rows.size() * tokens;
      float[] in = work.floats(0, count * hidden);
      float[] gate = work.floats(1, count * hidden);
      float[] convolved = work.floats(2, count * hidden);
      inProj.apply(in, x, count);
      gateProj.apply(gate, x, count);
      convolution.apply(convolved, in, tokens, windows(rows));
      SigmoidGate.apply(convolved, convolved, gate, count * hidden);
      outProj.apply(y, convolved, count);
    }

    @Override
    public long ownBytes() {
      return inProj.ownBytes() + gateProj.ownBytes() + convolution.ownBytes() + outProj.ownBytes();
    }
  }

  /// `x[i] · gate[i] · sigmoid(gate[i])`, in place.
  private static void multiplyBySilu(float[] x, float[] gate, int length) {
    SigmoidGate.apply(x, x, gate, length);
    for (int i = 0; i < length; i++) {
      x[i] *= gate[i];
    }
  }
}
