package org.tantra.nn.kernel;

/// What state-space models need beside [Kernels]; the same promises hold. Activations are F32
/// arrays.
public interface StateSpaceKernels {
  /// The kernels of this process, of the kind that [KernelChoice] made.
  static StateSpaceKernels current() {
    return KernelChoice.current().kernels() instanceof ScalarKernels
        ? new ScalarStateSpaceKernels()
        : new VectorStateSpaceKernels();
  }

  /// `out[i] = x[i] / sqrt(mean(x²) + epsilon) · gain[i]` over one row of `length` elements; `out`
  /// may be `x`.
  ///
  /// @see <a href="https://arxiv.org/abs/1910.07467">Zhang and Sennrich 2019, section 4</a>
  void rmsNorm(
      float[] out,
      int outAt,
      float[] x,
      int xAt,
      float[] gain,
      int gainAt,
      int length,
      float epsilon);

  /// In place: `log(1 + exp(x))`, for large `x` too.
  void softplus(float[] x, int at, int length);

  /// `out[i] += a[i] · b[i]`.
  void multiplyAdd(float[] out, int outAt, float[] a, int aAt, float[] b, int bAt, int length);

  /// `out[i] = a[i] / (1 + exp(-b[i]))`, a value through a sigmoid gate; `out` may be `a`.
  void sigmoidGate(float[] out, int outAt, float[] a, int aAt, float[] b, int bAt, int length);

  /// Mamba's recurrence of one token for the channels `from <= c < to`:
  ///
  /// ```
  /// h[s][c] = exp(dt[c] · a[s][c]) · h[s][c] + dt[c] · x[c] · b[s]
  /// y[c]    = d[c] · x[c] + Σ_s h[s][c] · c[s]
  /// ```
  ///
  /// @param y `[channels]` from `yAt` on; may be `x` at the same place
  /// @param x `[channels]` from `xAt` on
  /// @param dt step sizes `[channels]` from `dtAt` on
  /// @param bc `b` and then `c`, `[state]` each, from `bcAt` on
  /// @param a `[state, channels]`, negative
  /// @param d `[channels]`
  /// @param h the state, `[state, channels]`
  /// @see <a href="https://arxiv.org/abs/2312.00752">Gu and Dao 2023, section 3.2</a>
  void selectiveStep(
      float[] y,
      int yAt,
      float[] x,
      int xAt,
      float[] dt,
      int dtAt,
      float[] bc,
      int bcAt,
      float[] a,
      float[] d,
      float[] h,
      int channels,
      int from,
      int to);

  /// Mamba-2's recurrence of one token for one head, with one scalar decay:
  ///
  /// ```
  /// h[s][p] = decay · h[s][p] + dt · x[p] · b[s]
  /// y[p]    = d · x[p] + Σ_s h[s][p] · c[s]
  /// ```
  ///
  /// @param y `[headDim]` from `yAt` on; not `x`
  /// @param x `[headDim]` from `xAt` on
  /// @param bc holds `b` from `bAt` and `c` from `cAt` on, `[state]` each
  /// @param h the head's state, `[state, headDim]` from `hAt` on
  /// @see <a href="https://arxiv.org/abs/2405.21060">Dao and Gu 2024, section 7</a>
  void headStep(
      float[] y,
      int yAt,
      float[] x,
      int xAt,
      int headDim,
      float decay,
      float dt,
      float d,
      float[] bc,
      int bAt,
      int cAt,
      float[] h,
      int hAt,
      int state);
}
