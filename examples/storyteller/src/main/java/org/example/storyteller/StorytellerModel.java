package org.example.storyteller;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.Capability;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ModelInfo;
import org.tantra.api.Needs;
import org.tantra.api.Task;

/// The extension: the one public class of the plugin, named in `META-INF/services`.
public final class StorytellerModel implements Model {
  @Override
  public ModelInfo info() {
    return new ModelInfo(
        "storyteller",
        "Tells an endless story",
        Set.of(Task.TEXT),
        Needs.NOTHING,
        List.of("text-lite"));
  }

  @Override
  public LoadedModel load(LoadContext context) {
    return new LoadedStoryteller(new Storyteller(new Grammar()));
  }

  /// Ready to answer; holds the grammar and nothing that would have to be given back.
  private record LoadedStoryteller(Storyteller storyteller) implements LoadedModel {
    @Override
    public long residentBytes() {
      return storyteller.grammar().bytes();
    }

    @Override
    public <T extends Capability> Optional<T> as(Class<T> capability) {
      return capability.isInstance(storyteller)
          ? Optional.of(capability.cast(storyteller))
          : Optional.empty();
    }

    @Override
    public String fingerprint() {
      return "builtin";
    }

    @Override
    public void close() {}
  }
}
