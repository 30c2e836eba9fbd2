package org.tantra.plugin.coqui;

import org.tantra.api.Model;
import org.tantra.testkit.ModelContract;
import org.tantra.testkit.TestLoadContext;

final class CoquiContractTest extends ModelContract {
  @Override
  protected Model model() {
    return new CoquiModel();
  }

  @Override
  protected TestLoadContext context() {
    return TinyVoice.withVocoder();
  }
}
