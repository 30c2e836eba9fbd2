package org.tantra.host.registry;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// What can be used right now: one immutable snapshot, replaced as a whole.
public final class ExtensionRegistry {
  private record Key(Class<?> point, String id) {}

  /// One line of [#list(Class)].
  ///
  /// @param id the extension's id
  /// @param plugin whose it is
  public record Entry(String id, PluginRef plugin) {}

  private volatile Map<Key, Contribution<?>> snapshot = Map.of();

  /// A lease on the extension of that id, or nothing if no running plugin contributes one.
  public <T> Optional<Lease<T>> lease(Class<T> point, String id) {
    requireNonNull(id, "id");
    while (true) {
      Contribution<?> found = snapshot.get(new Key(point, id));
      if (found == null) {
        return Optional.empty();
      }
      @SuppressWarnings("unchecked") // the key holds the class object of T
      Optional<Lease<T>> lease = ((Contribution<T>) found).lease();
      if (lease.isPresent()) {
        return lease;
      }
      Thread.onSpinWait(); // lost a race against a swap, which has already put in a new snapshot
    }
  }

  /// Every extension of a point, by id.
  public List<Entry> list(Class<?> point) {
    return snapshot.values().stream()
        .filter(contribution -> contribution.point() == point)
        .map(contribution -> new Entry(contribution.id(), contribution.copy().ref()))
        .sorted(Comparator.comparing(Entry::id))
        .toList();
  }

  /// In one step, the extensions of the outgoing copies go and the new ones come. Lifecycle thread
  /// only.
  ///
  /// @throws TantraException `INVALID` if two copies would contribute the same id to the same
  ///   point; nothing has changed
  void swap(Collection<PluginCopy> outgoing, Collection<Contribution<?>> incoming) {
    Map<Key, Contribution<?>> next = new LinkedHashMap<>(snapshot);
    next.values().removeIf(contribution -> outgoing.contains(contribution.copy()));
    List<String> clashes = new ArrayList<>();
    for (Contribution<?> contribution : incoming) {
      Contribution<?> other =
          next.putIfAbsent(new Key(contribution.point(), contribution.id()), contribution);
      if (other != null) {
        clashes.add(
            "%s '%s' is already provided by plugin %s"
                .formatted(
                    contribution.point().getSimpleName(), contribution.id(), other.copy().ref()));
      }
    }
    if (!clashes.isEmpty()) {
      throw new TantraException(ErrorKind.INVALID, String.join("; ", clashes) + ".");
    }
    snapshot = Map.copyOf(next);
  }
}
