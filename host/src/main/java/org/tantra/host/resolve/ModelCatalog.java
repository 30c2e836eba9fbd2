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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.Model;
import org.tantra.api.TantraException;
import org.tantra.host.concurrent.AtomicFile;
import org.tantra.host.concurrent.PluginCall;
import org.tantra.host.concurrent.PluginThreads;
import org.tantra.host.config.ConfigFolder;
import org.tantra.host.config.Nearest;
import org.tantra.host.registry.ExtensionRegistry;
import org.tantra.host.registry.Lease;

/// Every model the host has heard of, and the chain of candidates of each.
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
  private final Map<String, KnownModel> known = new TreeMap<>(); // guarded by this
  private List<ExtensionRegistry.Entry> seen = List.of(); // guarded by this

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

  Optional<KnownModel> find(String id) {
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
  List<KnownModel> chain(String id) {
    refresh();
    synchronized (this) {
      if (!known.containsKey(id)) {
        throw unknown(id);
      }
      Set<String> order = new LinkedHashSet<>();
      collect(id, order);
      List<KnownModel> chain = new ArrayList<>();
      for (String candidate : order) {
        KnownModel model = known.get(candidate);
        chain.add(model == null ? neverSeen(candidate) : model);
      }
      return chain;
    }
  }

  private void collect(String id, Set<String> order) {
    if (!order.add(id)) {
      return; // already asked: a cycle or a shared stand-in
    }
    standIns(id).forEach(fallback -> collect(fallback, order));
  }

  private static KnownModel neverSeen(String id) {
    return new KnownModel(id, id, "", Set.of(), false, 0, false, false, List.of());
  }

  private TantraException unknown(String id) {
    String hint =
        Nearest.to(id, known.keySet())
            .map(near -> "Did you mean '" + near + "'?")
            .orElse(
                known.isEmpty()
                    ? "No plugin contributes a model; put plugin jars into the plugins folder."
                    : "Known: " + String.join(", ", known.keySet()) + ".");
    String shown = id.length() <= 100 ? id : id.substring(0, 97) + "...";
    return new TantraException(ErrorKind.NOT_FOUND, "There is no model '" + shown + "'. " + hint)
        .about("model")
        .withCode("model_not_found");
  }

  /// Learns what the registry has that was not there before, and forgets models of lost plugins
  /// that nobody stands in for. Plugin code is asked within a limit and with no lock held.
  private void refresh() {
    List<ExtensionRegistry.Entry> now = registry.list(Model.class);
    List<ExtensionRegistry.Entry> fresh;
    synchronized (this) {
      if (now.equals(seen)) {
        return;
      }
      fresh = now.stream().filter(entry -> !seen.contains(entry)).toList();
    }
    List<KnownModel> found = fresh.stream().map(this::describe).flatMap(Optional::stream).toList();
    Set<String> running =
        now.stream().map(ExtensionRegistry.Entry::id).collect(Collectors.toUnmodifiableSet());
    synchronized (this) {
      Map<String, KnownModel> before = new TreeMap<>(known);
      found.forEach(model -> known.put(model.id(), model));
      known
          .values()
          .removeIf(model -> !running.contains(model.id()) && standIns(model.id()).isEmpty());
      seen = now;
      if (!known.equals(before)) {
        remember();
      }
    }
  }

  private Optional<KnownModel> describe(ExtensionRegistry.Entry entry) {
    Optional<Lease<Model>> lease = registry.lease(Model.class, entry.id());
    if (lease.isEmpty()) {
      return Optional.empty();
    }
    try (Lease<Model> held = lease.get()) {
      PluginCall asking =
          new PluginCall(
              held.plugin().toString(),
              held.contextClassLoader(),
              "saying who its model '" + entry.id() + "' is",
              INFO_LIMIT);
      return Optional.of(
          threads.call(asking, () -> KnownModel.of(held.get().info(), held.plugin().id())));
    } catch (TantraException e) {
      log.warn("Model '{}' is not known: {}", entry.id(), e.getMessage());
      return Optional.empty();
    }
  }

  private List<String> standIns(String id) {
    List<String> configured = configs.model(id).fallbacks();
    KnownModel model = known.get(id);
    return configured != null ? configured : model == null ? List.of() : model.fallbacks();
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
