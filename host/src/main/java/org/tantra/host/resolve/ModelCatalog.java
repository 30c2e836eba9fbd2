package org.tantra.host.resolve;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.Model;
import org.tantra.api.TantraException;
import org.tantra.host.concurrent.AtomicFile;
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

  private final ExtensionRegistry registry;
  private final ConfigFolder configs;
  private final Path memory;
  private final Map<String, KnownModel> known = new TreeMap<>(); // guarded by this
  private List<ExtensionRegistry.Entry> seen = List.of(); // guarded by this

  /// @param memory the file that remembers models between runs
  public ModelCatalog(ExtensionRegistry registry, ConfigFolder configs, Path memory) {
    this.registry = registry;
    this.configs = configs;
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
    synchronized (this) {
      refresh();
      return Optional.ofNullable(known.get(id));
    }
  }

  Collection<KnownModel> all() {
    synchronized (this) {
      refresh();
      return List.copyOf(known.values());
    }
  }

  /// The model and its stand-ins in the order they are asked: depth first, each once.
  ///
  /// @throws TantraException `NOT_FOUND` for an unknown model, with the nearest name; `INVALID` if
  ///   its configuration is wrong
  List<KnownModel> chain(String id) {
    synchronized (this) {
      refresh();
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
    List<String> configured = configs.model(id).fallbacks();
    KnownModel model = known.get(id);
    List<String> fallbacks =
        configured != null ? configured : model == null ? List.of() : model.fallbacks();
    fallbacks.forEach(fallback -> collect(fallback, order));
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
    return new TantraException(ErrorKind.NOT_FOUND, "There is no model '" + id + "'. " + hint)
        .about("model")
        .withCode("model_not_found");
  }

  private void refresh() {
    List<ExtensionRegistry.Entry> now = registry.list(Model.class);
    if (now.equals(seen)) {
      return;
    }
    seen = now;
    boolean changed = false;
    for (ExtensionRegistry.Entry entry : now) {
      Optional<Lease<Model>> lease = registry.lease(Model.class, entry.id());
      if (lease.isEmpty()) {
        continue;
      }
      try (Lease<Model> held = lease.get()) {
        KnownModel model = KnownModel.of(held.get().info(), held.plugin().id());
        changed |= !model.equals(known.put(model.id(), model));
      } catch (RuntimeException | LinkageError e) {
        log.warn(
            "Plugin {} cannot say who its model '{}' is: {}",
            entry.plugin(),
            entry.id(),
            e.toString());
      }
    }
    if (changed) {
      remember();
    }
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
