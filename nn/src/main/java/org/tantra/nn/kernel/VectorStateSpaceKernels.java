package org.tantra.nn.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// The state-space kernels with the Vector API. Channels lie in the lanes, so no sum crosses lanes
/// but that of the norm; tails run through the same code under a mask and give the same bits.
final class VectorStateSpaceKernels implements StateSpaceKernels {
  private static final VectorSpecies<Float> F32 = FloatVector.SPECIES_PREFERRED;
  private static final int L = F32.length();

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
    FloatVector squares = FloatVector.zero(F32);
    for (int i = 0; i < length; i += L) {
      FloatVector v = load(x, xAt + i, F32.indexInRange(i, length));
      squares = v.fma(v, squares);
    }
    double mean = VectorKernels.sum(squares) / (double) length;
    float scale = (float) (1 / Math.sqrt(mean + epsilon));
    for (int i = 0; i < length; i += L) {
      VectorMask<Float> inside = F32.indexInRange(i, length);
      load(x, xAt + i, inside)
          .mul(scale)
          .mul(load(gain, gainAt + i, inside))
          .intoArray(out, outAt + i, inside);
    }
  }

  /// `max(x, 0) + log(1 + exp(-|x|))`; the logarithm is `2 artanh(e / (2 + e))` by its series,
  /// whose argument is at most 1/3: seven terms leave 2e-8 of relative error.
  @Override
  public void softplus(float[] x, int at, int length) {
    for (int i = 0; i < length; i += L) {
      VectorMask<Float> inside = F32.indexInRange(i, length);
      FloatVector v = load(x, at + i, inside);
      FloatVector e = VectorKernels.exp(v.abs().neg());
      FloatVector z = e.div(e.add(2f));
      FloatVector z2 = z.mul(z);
      FloatVector series = FloatVector.broadcast(F32, 1 / 13f);
      for (int odd = 11; odd >= 1; odd -= 2) {
        series = series.fma(z2, FloatVector.broadcast(F32, 1f / odd));
      }
      v.max(0f).add(series.mul(z.add(z))).intoArray(x, at + i, inside);
    }
  }

  @Override
  public void multiplyAdd(
      float[] out, int outAt, float[] a, int aAt, float[] b, int bAt, int length) {
    for (int i = 0; i < length; i += L) {
      VectorMask<Float> inside = F32.indexInRange(i, length);
      load(a, aAt + i, inside)
          .fma(load(b, bAt + i, inside), load(out, outAt + i, inside))
          .intoArray(out, outAt + i, inside);
    }
  }

  @Override
  public void sigmoidGate(
      float[] out, int outAt, float[] a, int aAt, float[] b, int bAt, int length) {
    for (int i = 0; i < length; i += L) {
      VectorMask<Float> inside = F32.indexInRange(i, length);
      FloatVector gate = VectorKernels.exp(load(b, bAt + i, inside).neg()).add(1f);
      load(a, aAt + i, inside).div(gate).intoArray(out, outAt + i, inside);
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
    for (int c = from; c < to; c += L) {
      VectorMask<Float> inside = F32.indexInRange(c, to);
      FloatVector step = load(dt, dtAt + c, inside);
      FloatVector in = load(x, xAt + c, inside);
      FloatVector sum = load(d, c, inside).mul(in);
      FloatVector input = step.mul(in);
      for (int s = 0; s < state; s++) {
        int i = s * channels + c;
        FloatVector decay = VectorKernels.exp(load(a, i, inside).mul(step));
        FloatVector next = decay.fma(load(h, i, inside), input.mul(bc[bcAt + s]));
        next.intoArray(h, i, inside);
        sum = next.fma(FloatVector.broadcast(F32, bc[bcAt + state + s]), sum);
      }
      sum.intoArray(y, yAt + c, inside);
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
    for (int p = 0; p < headDim; p += L) {
      VectorMask<Float> inside = F32.indexInRange(p, headDim);
      FloatVector in = load(x, xAt + p, inside);
      FloatVector sum = in.mul(d);
      FloatVector input = in.mul(dt);
      FloatVector kept = FloatVector.broadcast(F32, decay);
      for (int s = 0; s < state; s++) {
        int i = hAt + s * headDim + p;
        FloatVector next = kept.fma(load(h, i, inside), input.mul(bc[bAt + s]));
        next.intoArray(h, i, inside);
        sum = next.fma(FloatVector.broadcast(F32, bc[cAt + s]), sum);
      }
      sum.intoArray(y, yAt + p, inside);
    }
  }

  private static FloatVector load(float[] x, int at, VectorMask<Float> inside) {
    return FloatVector.fromArray(F32, x, at, inside);
  }
}
