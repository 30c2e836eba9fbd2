package org.tantra.host.resolve;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightPlan;
import org.tantra.host.concurrent.AtomicFile;
import org.tantra.host.concurrent.PluginCall;
import org.tantra.host.concurrent.PluginThreads;
import org.tantra.host.config.ConfigFolder;
import org.tantra.host.config.Nearest;
import org.tantra.host.registry.ExtensionRegistry;
import org.tantra.host.registry.Lease;

/// Every model and encoder the host has heard of, and the chain of candidates of each.
///
/// It remembers models whose plugin has gone, also over a restart: a request for one of them is
/// then answered by the stand-ins it declared, instead of "unknown model".
public final class ModelCatalog {
  private static final Logger log = LoggerFactory.getLogger(ModelCatalog.class);
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration INFO_LIMIT = Duration.ofSeconds(5);

  private final ExtensionRegistry registry;
  private final ConfigFolder configs;
  private final PluginThreads threads;
  private final Path memory;
  private final Map<Point.Id, KnownModel> known = new TreeMap<>(); // guarded by this
  private Map<Point, List<ExtensionRegistry.Entry>> seen = Map.of(); // guarded by this

  /// @param memory the file that remembers models between runs
  public ModelCatalog(
      ExtensionRegistry registry, ConfigFolder configs, PluginThreads threads, Path memory) {
    this.registry = registry;
    this.configs = configs;
    this.threads = threads;
    this.memory = memory;
    try {
      List<KnownModel> remembered =
          JSON.readValue(Files.readString(memory), new TypeReference<>() {});
      remembered.forEach(model -> known.put(model.id(), model));
    } catch (NoSuchFileException _) {
      // the first run
    } catch (IOException e) {
      log.warn("'{}' cannot be read and is made anew: {}", memory, e.getMessage());
    }
  }

  Optional<KnownModel> find(Point.Id id) {
    refresh();
    synchronized (this) {
      return Optional.ofNullable(known.get(id));
    }
  }

  Collection<KnownModel> all() {
    refresh();
    synchronized (this) {
      return List.copyOf(known.values());
    }
  }

  /// The model and its stand-ins in the order they are asked: depth first, each once.
  ///
  /// @throws TantraException `NOT_FOUND` for an unknown model, with the nearest name; `INVALID` if
  ///   its configuration is wrong
  List<KnownModel> chain(Point.Id id) {
    refresh();
    synchronized (this) {
      if (!known.containsKey(id)) {
        throw unknown(id);
      }
      Set<Point.Id> order = new LinkedHashSet<>();
      collect(id, order);
      return inOrder(order);
    }
  }

  /// Everybody who has these tasks, for a request that names nobody: first those that stand in for
  /// no other, each followed by its own stand-ins.
  ///
  /// @throws TantraException `NOT_FOUND` if nobody has them; `INVALID` as [#chain(Point.Id)]
  List<KnownModel> able(Point point, Set<String> tasks, String doing) {
    refresh();
    synchronized (this) {
      List<Point.Id> able =
          known.values().stream()
              .filter(model -> model.point() == point && model.tasks().containsAll(tasks))
              .map(KnownModel::id)
              .toList();
      if (able.isEmpty()) {
        throw new TantraException(
                ErrorKind.NOT_FOUND,
                "No plugin contributes %s that can %s (task %s). Put one into the plugins folder."
                    .formatted(
                        point == Point.MODEL ? "a model" : "an encoder",
                        doing,
                        String.join(", ", new TreeSet<>(tasks))))
            .withCode("model_not_found");
      }
      Set<Point.Id> standIns = new LinkedHashSet<>();
      able.forEach(id -> standIns(id).forEach(it -> standIns.add(it)));
      Set<Point.Id> order = new LinkedHashSet<>();
      able.stream().filter(id -> !standIns.contains(id)).forEach(id -> collect(id, order));
      able.forEach(id -> collect(id, order)); // those that only stand in for each other
      return inOrder(order);
    }
  }

  private void collect(Point.Id id, Set<Point.Id> order) {
    if (!order.add(id)) {
      return; // already asked: a cycle or a shared stand-in
    }
    standIns(id).forEach(fallback -> collect(fallback, order));
  }

  private List<KnownModel> inOrder(Set<Point.Id> order) {
    List<KnownModel> chain = new ArrayList<>();
    for (Point.Id candidate : order) {
      KnownModel model = known.get(candidate);
      chain.add(model == null ? neverSeen(candidate) : model);
    }
    return chain;
  }

  private static KnownModel neverSeen(Point.Id id) {
    return new KnownModel(
        id.point(), id.name(), id.name(), "", Set.of(), false, 0, false, false, List.of());
  }

  private TantraException unknown(Point.Id id) {
    String noun = id.point().noun();
    List<String> names =
        known.keySet().stream()
            .filter(other -> other.point() == id.point())
            .map(Point.Id::name)
            .toList();
    String hint =
        Nearest.to(id.name(), names)
            .map(near -> "Did you mean '" + near + "'?")
            .orElse(
                names.isEmpty()
                    ? "No plugin contributes %s %s; put plugin jars into the plugins folder."
                        .formatted(id.point() == Point.MODEL ? "a" : "an", noun)
                    : "Known: " + String.join(", ", names) + ".");
    String shown = id.name().length() <= 100 ? id.name() : id.name().substring(0, 97) + "...";
    return new TantraException(
            ErrorKind.NOT_FOUND, "There is no " + noun + " '" + shown + "'. " + hint)
        .about("model")
        .withCode("model_not_found");
  }

  /// Learns what the registry has that was not there before, and forgets models of lost plugins
  /// that nobody stands in for. Plugin code is asked within a limit and with no lock held.
  private void refresh() {
    Map<Point, List<ExtensionRegistry.Entry>> now = new EnumMap<>(Point.class);
    for (Point point : Point.values()) {
      now.put(point, registry.list(point.type()));
    }
    Map<Point, List<ExtensionRegistry.Entry>> before;
    synchronized (this) {
      if (now.equals(seen)) {
        return;
      }
      before = seen;
    }
    List<KnownModel> found = new ArrayList<>();
    Set<Point.Id> running = new HashSet<>();
    now.forEach(
        (point, entries) -> {
          for (ExtensionRegistry.Entry entry : entries) {
            running.add(new Point.Id(point, entry.id()));
            if (!before.getOrDefault(point, List.of()).contains(entry)) {
              describe(new Point.Id(point, entry.id())).ifPresent(found::add);
            }
          }
        });
    synchronized (this) {
      Map<Point.Id, KnownModel> remembered = new TreeMap<>(known);
      found.forEach(model -> known.put(model.id(), model));
      known
          .values()
          .removeIf(model -> !running.contains(model.id()) && standIns(model.id()).isEmpty());
      seen = now;
      if (!known.equals(remembered)) {
        remember();
      }
    }
  }

  private Optional<KnownModel> describe(Point.Id id) {
    Optional<? extends Lease<? extends WeightPlan.Maker>> lease =
        id.point().lease(registry, id.name());
    if (lease.isEmpty()) {
      return Optional.empty();
    }
    try (Lease<? extends WeightPlan.Maker> held = lease.get()) {
      PluginCall asking =
          new PluginCall(
              held.plugin().toString(),
              held.contextClassLoader(),
              "saying who its " + id + " is",
              INFO_LIMIT);
      return Optional.of(
          threads.call(asking, () -> Point.describe(held.get(), held.plugin().id())));
    } catch (TantraException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e; // it says nothing of the plugin, which is asked again next time
      }
      log.warn("{} is not known: {}", id.capital(), e.getMessage());
      return Optional.empty();
    }
  }

  /// A file may speak of a model and an encoder at once: each takes the stand-ins of its own kind,
  /// or what it declares if the file names none of that kind.
  private List<Point.Id> standIns(Point.Id id) {
    List<String> configured = configs.model(id.name()).fallbacks();
    if (configured != null) {
      List<Point.Id> own = named(configured, id.point()).stream().filter(this::noStranger).toList();
      if (configured.isEmpty() || !own.isEmpty()) {
        return own;
      }
    }
    KnownModel model = known.get(id);
    return model == null ? List.of() : named(model.fallbacks(), id.point());
  }

  private static List<Point.Id> named(List<String> names, Point point) {
    return names.stream().map(name -> new Point.Id(point, name)).toList();
  }

  /// Whether the name is not one that only the other kind of extension has.
  private boolean noStranger(Point.Id id) {
    return known.containsKey(id)
        || known.keySet().stream().noneMatch(other -> other.name().equals(id.name()));
  }

  private void remember() {
    try {
      AtomicFile.write(memory, JSON.writeValueAsBytes(known.values()));
    } catch (IOException e) {
      log.warn(
          "'{}' cannot be written, so models of lost plugins are forgotten at the next start: {}",
          memory,
          e.toString());
    }
  }
}
