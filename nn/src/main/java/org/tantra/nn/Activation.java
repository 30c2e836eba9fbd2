package org.tantra.nn;

import org.tantra.nn.kernel.KernelChoice;
import org.tantra.nn.kernel.Kernels;

/// Functions applied to each element between two linear maps.
public enum Activation {
  /// `0.5 x (1 + tanh(sqrt(2/π) (x + 0.044715 x³)))`, GPT-2's `gelu_new`.
  GELU_TANH {
    @Override
    public void apply(float[] x, int at, int length) {
      KERNELS.geluTanh(x, at, length);
    }
  },
  /// `0.5 x (1 + erf(x / sqrt(2)))`.
  GELU_ERF {
    @Override
    public void apply(float[] x, int at, int length) {
      KERNELS.geluErf(x, at, length);
    }
  },
  /// `x / (1 + exp(-x))`, also called swish.
  SILU {
    @Override
    public void apply(float[] x, int at, int length) {
      KERNELS.swish(x, at, length, 1);
    }
  },
  /// `x / (1 + exp(-1.702 x))`.
  QUICK_GELU {
    @Override
    public void apply(float[] x, int at, int length) {
      KERNELS.swish(x, at, length, 1.702f);
    }
  },
  /// `max(x, 0)`.
  RELU {
    @Override
    public void apply(float[] x, int at, int length) {
      for (int i = at; i < at + length; i++) {
        x[i] = Math.max(x[i], 0);
      }
    }
  },
  /// `tanh(x)`.
  TANH {
    @Override
    public void apply(float[] x, int at, int length) {
      for (int i = at; i < at + length; i++) {
        x[i] = (float) Math.tanh(x[i]);
      }
    }
  };

  private static final Kernels KERNELS = KernelChoice.current().kernels();

  /// Replaces the elements `at` until `at + length`.
  public abstract void apply(float[] x, int at, int length);
}
