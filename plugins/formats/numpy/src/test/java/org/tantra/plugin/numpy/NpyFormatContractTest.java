package org.tantra.plugin.numpy;

import java.util.Set;
import org.tantra.api.WeightFormat;
import org.tantra.testkit.Fixture;
import org.tantra.testkit.WeightFormatContract;

final class NpyFormatContractTest extends WeightFormatContract {
  @Override
  protected WeightFormat format() {
    return new NpyFormat();
  }

  @Override
  protected Fixture tinyFile() {
    return Fixture.of("golden/corpus/numpy/ok/dtype_float32.npy");
  }

  @Override
  protected Set<Behaviour> lacks() {
    return Set.of(Behaviour.METADATA, Behaviour.SEVERAL_TENSORS);
  }
}
