package org.tantra.plugin.freetts;

import org.tantra.api.Model;
import org.tantra.testkit.ModelContract;

final class FreeTtsContractTest extends ModelContract {
  @Override
  protected Model model() {
    return new FreeTtsModel();
  }
}
