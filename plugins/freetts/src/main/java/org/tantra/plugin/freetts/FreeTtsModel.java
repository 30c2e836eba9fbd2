package org.tantra.plugin.freetts;

import java.util.List;
import java.util.Set;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ModelInfo;
import org.tantra.api.Needs;
import org.tantra.api.Task;

/// The extension `freetts`: an American male voice by joined diphones, at 16 kHz. Needs nothing but
/// its jar; the stand-in of the voices that need weights.
public final class FreeTtsModel implements Model {
  @Override
  public ModelInfo info() {
    return new ModelInfo(
        "freetts",
        "English voice inside its jar, always there",
        Set.of(Task.SPEECH),
        Needs.NOTHING,
        List.of());
  }

  @Override
  public LoadedModel load(LoadContext context) {
    context.cancellation().check();
    context.progress().stage("reading the voice");
    return new LoadedFreeTts(DiphoneSpeaker.load());
  }
}
