package org.example.npy;

import java.util.Set;
import org.tantra.api.WeightFormat;
import org.tantra.testkit.Fixture;
import org.tantra.testkit.WeightFormatContract;

final class NpyExampleContractTest extends WeightFormatContract {
  @Override
  protected WeightFormat format() {
    return new NpyExampleFormat();
  }

  @Override
  protected Fixture tinyFile() {
    return Fixture.of("golden/tiny.npy");
  }

  @Override
  protected Set<Behaviour> lacks() {
    return Set.of(Behaviour.METADATA, Behaviour.SEVERAL_TENSORS);
  }

  @Override
  protected Set<String> reads() {
    return Set.of("npy"); // what the testkit calls NumPy's files
  }
}
