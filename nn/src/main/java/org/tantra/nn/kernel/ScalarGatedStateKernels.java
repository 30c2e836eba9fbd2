package org.tantra.nn.kernel;

/// The recurrence in plain Java: the specification of [VectorGatedStateKernels].
final class ScalarGatedStateKernels implements GatedStateKernels {
  @Override
  public void update(
      float[] s,
      int sAt,
      float[] decay,
      float[] key,
      int keyAt,
      int keys,
      float[] value,
      int valueAt,
      int values) {
    for (int i = 0; i < keys; i++) {
      for (int j = 0; j < values; j++) {
        int at = sAt + i * values + j;
        s[at] = decay[keyAt + i] * s[at] + key[keyAt + i] * value[valueAt + j];
      }
    }
  }

  @Override
  public void read(
      float[] out,
      int outAt,
      float[] query,
      int queryAt,
      int keys,
      float scale,
      float[] s,
      int sAt,
      int values) {
    for (int j = 0; j < values; j++) {
      float sum = 0;
      for (int i = 0; i < keys; i++) {
        sum += query[queryAt + i] * s[sAt + i * values + j];
      }
      out[outAt + j] = sum * scale;
    }
  }
}
