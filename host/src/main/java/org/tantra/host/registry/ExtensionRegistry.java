package org.tantra.host.registry;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// What can be used right now: one immutable snapshot, replaced as a whole.
public final class ExtensionRegistry {
  record Key(Class<?> point, String id) {}

  /// One line of [#list(Class)].
  ///
  /// @param id the extension's id
  /// @param plugin whose it is
  public record Entry(String id, PluginRef plugin) {}

  /// Everything that can be used at one moment.
  record Snapshot(Map<Key, Contribution<?>> contributions) {
    Snapshot {
      contributions = Map.copyOf(contributions);
    }
  }

  private volatile Snapshot snapshot = new Snapshot(Map.of());

  /// As [#lease(Class, String, String)], held by the calling thread.
  public <T> Optional<Lease<T>> lease(Class<T> point, String id) {
    return lease(point, id, "thread '" + Thread.currentThread().getName() + "'");
  }

  /// A lease on the extension of that id, or nothing if no running plugin contributes one.
  ///
  /// @param holder what an operator is told when the lease keeps the plugin from being unloaded:
  ///   `POST /v1/completions`
  public <T> Optional<Lease<T>> lease(Class<T> point, String id, String holder) {
    requireNonNull(id, "id");
    requireNonNull(holder, "holder");
    while (true) {
      Contribution<?> found = snapshot.contributions().get(new Key(point, id));
      if (found == null) {
        return Optional.empty();
      }
      @SuppressWarnings("unchecked") // the key holds the class object of T
      Optional<Lease<T>> lease = ((Contribution<T>) found).lease(holder);
      if (lease.isPresent()) {
        return lease;
      }
      Thread.onSpinWait(); // lost a race against a swap, which has already put in a new snapshot
    }
  }

  /// Every extension of a point, by id.
  public List<Entry> list(Class<?> point) {
    return snapshot.contributions().values().stream()
        .filter(contribution -> contribution.point() == point)
        .map(contribution -> new Entry(contribution.id(), contribution.copy().ref()))
        .sorted(Comparator.comparing(Entry::id))
        .toList();
  }

  /// What there would be after an update: the extensions of the outgoing copies gone, the new ones
  /// in. Lifecycle thread only, like [#publish(Snapshot)].
  ///
  /// @throws TantraException `INVALID` if two copies would contribute the same id to the same point
  Snapshot planned(Collection<PluginCopy> outgoing, Collection<PluginCopy> incoming) {
    Map<Key, Contribution<?>> next = new HashMap<>(snapshot.contributions());
    next.values().removeIf(contribution -> outgoing.contains(contribution.copy()));
    List<String> clashes = new ArrayList<>();
    for (PluginCopy copy : incoming) {
      for (Contribution<?> contribution : copy.contributions()) {
        Contribution<?> other =
            next.putIfAbsent(new Key(contribution.point(), contribution.id()), contribution);
        if (other != null) {
          clashes.add(
              "%s '%s' is already provided by plugin %s"
                  .formatted(
                      contribution.point().getSimpleName(), contribution.id(), other.copy().ref()));
        }
      }
    }
    if (!clashes.isEmpty()) {
      throw new TantraException(ErrorKind.INVALID, String.join("; ", clashes) + ".");
    }
    return new Snapshot(next);
  }

  /// The update itself, in one step.
  void publish(Snapshot next) {
    snapshot = next;
  }
}
