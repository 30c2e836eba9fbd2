package org.tantra.plugin.lite;

import org.tantra.api.Model;
import org.tantra.testkit.ModelContract;

final class TextLiteContractTest extends ModelContract {
  @Override
  protected Model model() {
    return new TextLiteModel();
  }
}
