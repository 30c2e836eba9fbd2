package org.tantra.host.resolve;

import java.util.List;
import org.tantra.host.registry.PluginRef;

/// Who answered, and who declined before.
///
/// @param requested the model the caller named
/// @param model the model that answers; equal to `requested` unless a stand-in took over
/// @param plugin whose model it is
/// @param fingerprint what distinguishes the weights in use
/// @param untrained whether these weights are marked as made from a seed, not by training
/// @param attempts the candidates that declined, in order
public record Served(
    String requested,
    String model,
    PluginRef plugin,
    String fingerprint,
    boolean untrained,
    List<Attempt> attempts) {
  public Served {
    attempts = List.copyOf(attempts);
  }

  /// Whether a stand-in answers.
  public boolean byStandIn() {
    return !requested.equals(model);
  }

  /// The receipt: same receipt, request and seed, same tokens.
  public String systemFingerprint() {
    return "tantra-" + plugin.id() + "-" + plugin.version() + "-" + fingerprint;
  }
}
