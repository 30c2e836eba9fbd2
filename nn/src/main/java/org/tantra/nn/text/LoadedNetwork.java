package org.tantra.nn.text;

import java.lang.foreign.Arena;
import java.util.Optional;
import org.tantra.api.Capability;
import org.tantra.api.LoadedModel;
import org.tantra.api.TextGeneration;

/// A language model that answers in text: what a plugin returns from `Model.load`.
///
/// @param <N> the network's own type
/// @param network for the plugin's parity check
/// @param text the capability
/// @param copies memory of what the checkpoint does not hold as it is needed; closed with this
/// @param residentBytes see [LoadedModel#residentBytes()]
/// @param fingerprint see [LoadedModel#fingerprint()]
public record LoadedNetwork<N extends LanguageModel>(
    N network, TextGeneration text, Arena copies, long residentBytes, String fingerprint)
    implements LoadedModel {
  @Override
  public <T extends Capability> Optional<T> as(Class<T> capability) {
    return capability.isInstance(text) ? Optional.of(capability.cast(text)) : Optional.empty();
  }

  @Override
  public void close() {
    if (copies.scope().isAlive()) {
      copies.close();
    }
  }
}
