package org.example.storyteller;

import org.tantra.api.Model;
import org.tantra.testkit.ModelContract;

final class StorytellerContractTest extends ModelContract {
  @Override
  protected Model model() {
    return new StorytellerModel();
  }
}
