package org.tantra.nn.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// The recurrence with the Vector API. Values lie in the lanes, so no sum crosses them; tails run
/// through the same code under a mask.
final class VectorGatedStateKernels implements GatedStateKernels {
  private static final VectorSpecies<Float> F32 = FloatVector.SPECIES_PREFERRED;
  private static final int L = F32.length();

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
    for (int j = 0; j < values; j += L) {
      VectorMask<Float> inside = F32.indexInRange(j, values);
      FloatVector v = FloatVector.fromArray(F32, value, valueAt + j, inside);
      for (int i = 0; i < keys; i++) {
        int at = sAt + i * values + j;
        FloatVector.fromArray(F32, s, at, inside)
            .mul(decay[keyAt + i])
            .add(v.mul(key[keyAt + i]))
            .intoArray(s, at, inside);
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
    for (int j = 0; j < values; j += L) {
      VectorMask<Float> inside = F32.indexInRange(j, values);
      FloatVector sum = FloatVector.zero(F32);
      for (int i = 0; i < keys; i++) {
        FloatVector row = FloatVector.fromArray(F32, s, sAt + i * values + j, inside);
        sum = row.fma(FloatVector.broadcast(F32, query[queryAt + i]), sum);
      }
      sum.mul(scale).intoArray(out, outAt + j, inside);
    }
  }
}
