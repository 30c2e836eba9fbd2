package org.tantra.plugin.lite;

import java.util.List;
import java.util.Set;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ModelInfo;
import org.tantra.api.Needs;
import org.tantra.api.Task;

/// `text-lite`: writes calm English sentences from a corpus inside the jar. Needs no weights, takes
/// about a megabyte, and answers whatever the prompt; the last stand-in of every text model.
public final class TextLiteModel implements Model {
  @Override
  public ModelInfo info() {
    return new ModelInfo(
        "text-lite",
        "Ultra-light text model that is always there",
        Set.of(Task.TEXT),
        Needs.NOTHING,
        List.of());
  }

  @Override
  public LoadedModel load(LoadContext context) {
    context.cancellation().check();
    context.progress().stage("reading the corpus");
    Corpus corpus = Corpus.read();
    context.progress().stage("counting");
    return new LoadedTextLite(new TextLiteNetwork(corpus), corpus.digest());
  }

  @Override
  public void verify(LoadedModel loaded) {
    GoldenAnswer.read().compareWith(loaded);
  }
}
