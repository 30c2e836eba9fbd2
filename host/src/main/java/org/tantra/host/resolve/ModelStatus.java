package org.tantra.host.resolve;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.tantra.host.registry.PluginRef;

/// What the host knows about one model or encoder right now.
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
/// @param parameters how many numbers its weights hold, as `weights validate` counts them; 0 unless
///   loaded
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
    long parameters,
    long residentBytes,
    int requests) {
  public ModelStatus {
    tasks = Set.copyOf(tasks);
    chain = List.copyOf(chain);
  }

  /// The model and the encoder that share a name, in one line: as able as the abler of the two.
  ModelStatus and(ModelStatus other) {
    ModelStatus abler = other.state().compareTo(state) < 0 ? other : this;
    Set<String> all = new TreeSet<>(tasks);
    all.addAll(other.tasks);
    Set<String> asked = new LinkedHashSet<>(chain);
    asked.addAll(other.chain);
    return new ModelStatus(
        id,
        title,
        all,
        abler.plugin(),
        abler.state(),
        abler.detail(),
        List.copyOf(asked),
        needsWeights || other.needsWeights,
        abler.fingerprint(),
        Math.max(parameters, other.parameters), // of the same checkpoint
        residentBytes + other.residentBytes,
        requests + other.requests);
  }

  /// From the ablest down.
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
