package org.tantra.plugin.safetensors;

import org.tantra.api.WeightFormat;
import org.tantra.testkit.Fixture;
import org.tantra.testkit.WeightFormatContract;

final class SafetensorsFormatContractTest extends WeightFormatContract {
  @Override
  protected WeightFormat format() {
    return new SafetensorsFormat();
  }

  @Override
  protected Fixture tinyFile() {
    return Fixture.of("golden/corpus/safetensors/ok/all_dtypes_with_subbyte.safetensors");
  }
}
