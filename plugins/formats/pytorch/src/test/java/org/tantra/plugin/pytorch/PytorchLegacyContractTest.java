package org.tantra.plugin.pytorch;

import java.util.Set;
import org.tantra.api.WeightFormat;
import org.tantra.testkit.Fixture;
import org.tantra.testkit.WeightFormatContract;

final class PytorchLegacyContractTest extends WeightFormatContract {
  @Override
  protected WeightFormat format() {
    return new PytorchFormat();
  }

  @Override
  protected Fixture tinyFile() {
    return Fixture.of("golden/corpus/torch/ok/legacy_parameters.bin");
  }

  @Override
  protected Set<Behaviour> lacks() {
    return Set.of(Behaviour.METADATA);
  }
}
