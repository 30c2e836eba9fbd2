package org.tantra.nn.kernel;

/// The recurrence of gated linear attention, one head and one token at a time; the promises of
/// [Kernels] hold. A state is F32, `[keys, values]`, row-major.
///
/// @see <a href="https://arxiv.org/abs/2312.06635">Yang et al. 2023, section 3</a>
public interface GatedStateKernels {
  /// The kernels of this process, of the kind that [KernelChoice] made.
  static GatedStateKernels current() {
    return KernelChoice.current().kernels() instanceof ScalarKernels
        ? new ScalarGatedStateKernels()
        : new VectorGatedStateKernels();
  }

  /// Lets the state fade and takes in one key and value: `s[i][j] = decay[i] · s[i][j] + key[i] ·
  /// value[j]`.
  ///
  /// @param s the state from `sAt` on
  /// @param decay `[keys]` from `keyAt` on
  /// @param key `[keys]` from `keyAt` on
  /// @param value `[values]` from `valueAt` on
  void update(
      float[] s,
      int sAt,
      float[] decay,
      float[] key,
      int keyAt,
      int keys,
      float[] value,
      int valueAt,
      int values);

  /// Asks the state: `out[j] = scale · Σ_i query[i] · s[i][j]`.
  ///
  /// @param out `[values]` from `outAt` on, overwritten
  /// @param query `[keys]` from `queryAt` on
  void read(
      float[] out,
      int outAt,
      float[] query,
      int queryAt,
      int keys,
      float scale,
      float[] s,
      int sAt,
      int values);
}
