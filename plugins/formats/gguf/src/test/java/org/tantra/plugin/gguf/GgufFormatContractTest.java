package org.tantra.plugin.gguf;

import org.tantra.api.WeightFormat;
import org.tantra.testkit.Fixture;
import org.tantra.testkit.WeightFormatContract;

final class GgufFormatContractTest extends WeightFormatContract {
  @Override
  protected WeightFormat format() {
    return new GgufFormat();
  }

  @Override
  protected Fixture tinyFile() {
    return Fixture.of("golden/corpus/gguf/ok/last_tensor_not_padded.gguf");
  }
}
