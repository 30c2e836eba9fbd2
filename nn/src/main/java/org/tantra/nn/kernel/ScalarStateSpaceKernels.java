package org.tantra.nn.kernel;

/// The state-space kernels in plain Java: the specification of [VectorStateSpaceKernels].
final class ScalarStateSpaceKernels implements StateSpaceKernels {
  @Override
  public void rmsNorm(
      float[] out,
      int outAt,
      float[] x,
      int xAt,
      float[] gain,
      int gainAt,
      int length,
      float epsilon) {
    double squares = 0;
    for (int i = 0; i < length; i++) {
      squares += (double) x[xAt + i] * x[xAt + i];
    }
    float scale = (float) (1 / Math.sqrt(squares / length + epsilon));
    for (int i = 0; i < length; i++) {
      out[outAt + i] = x[xAt + i] * scale * gain[gainAt + i];
    }
  }

  @Override
  public void softplus(float[] x, int at, int length) {
    for (int i = at; i < at + length; i++) {
      x[i] = (float) (Math.max(x[i], 0.0) + Math.log1p(Math.exp(-Math.abs((double) x[i]))));
    }
  }

  @Override
  public void multiplyAdd(
      float[] out, int outAt, float[] a, int aAt, float[] b, int bAt, int length) {
    for (int i = 0; i < length; i++) {
      out[outAt + i] += a[aAt + i] * b[bAt + i];
    }
  }

  @Override
  public void sigmoidGate(
      float[] out, int outAt, float[] a, int aAt, float[] b, int bAt, int length) {
    for (int i = 0; i < length; i++) {
      out[outAt + i] = (float) (a[aAt + i] / (1 + Math.exp(-b[bAt + i])));
    }
  }

  @Override
  public void selectiveStep(
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
      int to) {
    int state = a.length / channels;
    for (int c = from; c < to; c++) {
      float step = dt[dtAt + c];
      float in = x[xAt + c];
      float sum = d[c] * in;
      for (int s = 0; s < state; s++) {
        int i = s * channels + c;
        h[i] = (float) Math.exp(step * a[i]) * h[i] + step * in * bc[bcAt + s];
        sum += h[i] * bc[bcAt + state + s];
      }
      y[yAt + c] = sum;
    }
  }

  @Override
  public void headStep(
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
      int state) {
    for (int p = 0; p < headDim; p++) {
      float in = x[xAt + p];
      float sum = d * in;
      for (int s = 0; s < state; s++) {
        int i = hAt + s * headDim + p;
        h[i] = decay * h[i] + dt * in * bc[bAt + s];
        sum += h[i] * bc[cAt + s];
      }
      y[yAt + p] = sum;
    }
  }
}
