package org.tantra.host.resolve;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tantra.host.registry.PluginRef;

/// What the host knows about one model right now.
///
/// @param id the model's id
/// @param title one line for people
/// @param tasks what it can do, as task ids
/// @param plugin whose it is; null while no running plugin contributes it
/// @param state see [State]
/// @param detail why it is in this state, for people; may be empty
/// @param chain the model and its stand-ins, in the order they are asked
/// @param needsWeights whether it needs a checkpoint
/// @param fingerprint of the loaded weights; null unless loaded
/// @param residentBytes memory it takes; 0 unless loaded
/// @param requests requests it is answering now
public record ModelStatus(
    String id,
    String title,
    Set<String> tasks,
    @Nullable PluginRef plugin,
    State state,
    String detail,
    List<String> chain,
    boolean needsWeights,
    @Nullable String fingerprint,
    long residentBytes,
    int requests) {
  public ModelStatus {
    tasks = Set.copyOf(tasks);
    chain = List.copyOf(chain);
  }

  public enum State {
    /// Loaded; answers at once.
    READY,
    /// Being loaded.
    LOADING,
    /// Can be loaded on the first request.
    LOADABLE,
    /// Cannot answer itself; a stand-in may.
    UNAVAILABLE
  }
}
