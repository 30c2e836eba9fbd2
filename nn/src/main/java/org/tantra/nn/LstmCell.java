package org.tantra.nn;

import org.tantra.api.Compute;
import org.tantra.api.tensor.TensorView;

/// One step of a long short-term memory, gates in PyTorch's order.
///
/// `i, f, g, o = Wx + b + Uh + b'`; `c = σ(f) c + σ(i) tanh(g)`; `h = σ(o) tanh(c)`. Safe from
/// several threads, each with its own [State].
///
/// @see <a href="https://doi.org/10.1162/neco.1997.9.8.1735">Hochreiter and Schmidhuber 1997</a>
public final class LstmCell {
  private static final int GATES = 4;

  private final Linear input;
  private final Linear recurrent;
  private final int hidden;

  /// @param weightInput `[4 · hidden, in]`
  /// @param weightRecurrent `[4 · hidden, hidden]`
  /// @param biasInput `[4 · hidden]`
  /// @param biasRecurrent `[4 · hidden]`
  /// @throws IllegalArgumentException if the shapes are other ones
  public LstmCell(
      TensorView weightInput,
      TensorView weightRecurrent,
      TensorView biasInput,
      TensorView biasRecurrent,
      Compute compute) {
    this.input = Linear.rows(weightInput, biasInput, compute);
    this.recurrent = Linear.rows(weightRecurrent, biasRecurrent, compute);
    this.hidden = recurrent.in();
    if (input.out() != GATES * hidden || recurrent.out() != GATES * hidden) {
      throw new IllegalArgumentException(
          "an LSTM of "
              + hidden
              + " has weights "
              + weightInput.shape()
              + " and "
              + weightRecurrent.shape());
    }
  }

  /// What the cell carries from step to step; zeros at first. Used by one thread.
  public static final class State {
    private final float[] hidden;
    private final float[] cell;
    private final float[] gates;
    private final float[] recurrentGates;

    private State(int size) {
      this.hidden = new float[size];
      this.cell = new float[size];
      this.gates = new float[GATES * size];
      this.recurrentGates = new float[GATES * size];
    }

    /// The output itself, no copy.
    public float[] hidden() {
      return hidden;
    }

    /// The memory itself, no copy.
    public float[] cell() {
      return cell;
    }
  }

  /// The state before the first step.
  public State begin() {
    return new State(hidden);
  }

  /// Width of an input.
  public int in() {
    return input.in();
  }

  /// Width of the output.
  public int hidden() {
    return hidden;
  }

  /// What the inputs of a whole row add to the gates, so that their weight is read once for all.
  ///
  /// @param x `[tokens, in]`
  /// @return `[tokens, 4 · hidden]` for [#stepPrepared]
  public float[] prepare(float[] x, int tokens) {
    float[] gates = new float[Math.multiplyExact(tokens, GATES * hidden)];
    input.apply(gates, x, tokens);
    return gates;
  }

  /// One step with an input `[in]`.
  public void step(State state, float[] x) {
    input.apply(state.gates, x, 1);
    advance(state);
  }

  /// One step with the input of a token that was prepared.
  public void stepPrepared(State state, float[] prepared, int token) {
    System.arraycopy(prepared, token * GATES * hidden, state.gates, 0, GATES * hidden);
    advance(state);
  }

  private void advance(State state) {
    recurrent.apply(state.recurrentGates, state.hidden, 1);
    float[] gates = state.gates;
    for (int i = 0; i < gates.length; i++) {
      gates[i] += state.recurrentGates[i];
    }
    for (int i = 0; i < hidden; i++) {
      double in = sigmoid(gates[i]);
      double forget = sigmoid(gates[hidden + i]);
      double candidate = Math.tanh(gates[2 * hidden + i]);
      double out = sigmoid(gates[3 * hidden + i]);
      double cell = forget * state.cell[i] + in * candidate;
      state.cell[i] = (float) cell;
      state.hidden[i] = (float) (out * Math.tanh(cell));
    }
  }

  /// Runs over a whole row, forwards or backwards.
  ///
  /// @param x `[tokens, in]`
  /// @param y `[tokens, yStride]`; the outputs go to columns `yAt` and after
  public void run(float[] y, int yStride, int yAt, float[] x, int tokens, boolean backwards) {
    float[] prepared = prepare(x, tokens);
    State state = begin();
    for (int i = 0; i < tokens; i++) {
      int token = backwards ? tokens - 1 - i : i;
      stepPrepared(state, prepared, token);
      System.arraycopy(state.hidden, 0, y, token * yStride + yAt, hidden);
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /// Bytes this holds beside the mapped weights.
  public long ownBytes() {
    return input.ownBytes() + recurrent.ownBytes();
  }
}
