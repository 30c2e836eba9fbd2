package org.tantra.host.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.Encoder;
import org.tantra.api.ErrorKind;
import org.tantra.api.Model;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightPlan;
import org.tantra.host.concurrent.PluginCall;
import org.tantra.host.concurrent.PluginThreads;
import org.tantra.host.config.Nearest;
import org.tantra.host.registry.ExtensionRegistry;
import org.tantra.host.registry.Lease;

/// Asks plugins which weights a configuration needs, and makes such weights from a seed. Safe from
/// several threads.
public final class WeightGenerator {
  private static final Duration PLAN_LIMIT = Duration.ofSeconds(30);

  /// Metadata entry with the text of the `config.json` that belongs to the weights.
  private static final String CONFIG = "config";

  /// Sorted, so that equal configurations give equal files.
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private final ExtensionRegistry registry;
  private final PluginThreads threads;
  private final WeightConverter converter;

  public WeightGenerator(
      ExtensionRegistry registry, PluginThreads threads, WeightConverter converter) {
    this.registry = registry;
    this.threads = threads;
    this.converter = converter;
  }

  /// What is to be made.
  ///
  /// @param type whose weights
  /// @param config what `config.json` shall say
  /// @param seed equal seeds give equal weights
  /// @param file where to
  /// @param format id of the format to write; null for the one of the ending
  /// @param replace whether a file that is there may go
  public record Order(
      String type,
      Map<String, Object> config,
      long seed,
      Path file,
      @Nullable String format,
      boolean replace) {
    public Order {
      config = Map.copyOf(config);
    }
  }

  /// What was made.
  ///
  /// @param parameters how many numbers
  /// @param bytes size of the file
  public record Made(String type, Path file, String format, long parameters, long bytes) {}

  /// Every model type and encoder that plans weights, with its named sizes.
  public Map<String, Map<String, Map<String, Object>>> types() {
    Map<String, Map<String, Map<String, Object>>> types = new TreeMap<>();
    for (String id : extensions()) {
      Map<String, Map<String, Object>> sizes = sizes(id);
      if (!sizes.isEmpty()) {
        types.put(id, sizes);
      }
    }
    return types;
  }

  /// Ids of all models and encoders of running plugins.
  public Set<String> extensions() {
    TreeSet<String> ids = new TreeSet<>();
    registry.list(Model.class).forEach(entry -> ids.add(entry.id()));
    registry.list(Encoder.class).forEach(entry -> ids.add(entry.id()));
    return ids;
  }

  /// The named configurations of one type; empty if it has no weights.
  ///
  /// @throws TantraException `NOT_FOUND` if no running plugin contributes it
  public Map<String, Map<String, Object>> sizes(String type) {
    return ask(type, WeightPlan.Maker::sizes);
  }

  /// A configuration with what it leaves open, as the type's plugin takes it.
  ///
  /// @throws TantraException `NOT_FOUND` if no running plugin contributes it
  public Map<String, Object> completed(String type, Map<String, Object> stated) {
    return ask(type, maker -> maker.completed(stated));
  }

  /// The configuration of a named size.
  ///
  /// @throws TantraException `NOT_FOUND` for an unknown type; `UNSUPPORTED` if it has no weights;
  ///   `INVALID` for an unknown size, naming those there are
  public Map<String, Object> size(String type, String size) {
    Map<String, Map<String, Object>> sizes = sizes(type);
    if (sizes.isEmpty()) {
      throw noWeights(type);
    }
    Map<String, Object> config = sizes.get(size);
    if (config == null) {
      throw new TantraException(
              ErrorKind.INVALID,
              "'%s' has no size '%s'; it has %s."
                  .formatted(type, size, String.join(", ", new TreeSet<>(sizes.keySet()))))
          .about("size");
    }
    return config;
  }

  /// The weights that a configuration asks for; nothing if the type has none.
  ///
  /// @throws TantraException `NOT_FOUND` for an unknown type; `INVALID` or `UNSUPPORTED` if its
  ///   plugin has no such network
  public Optional<WeightPlan> plan(String type, Settings config) {
    return ask(type, maker -> maker.weightPlan(config));
  }

  /// Makes a weight file: planned by the plugin, streamed weight by weight, read back, then moved
  /// into place. Memory is bounded by the largest weight.
  ///
  /// @throws TantraException as [#plan]; `UNSUPPORTED` if the type has no weights or the format
  ///   cannot hold them; `INVALID` if the file is there and may not go; `EXHAUSTED` if the disk has
  ///   not the space; `CANCELLED`
  public Made generate(Order order, Conversion.Listener listener, Cancellation cancellation) {
    if (Files.exists(order.file()) && !order.replace()) {
      throw new TantraException(
          ErrorKind.INVALID,
          "'%s' is there already. Name another version, or replace it with --force."
              .formatted(order.file()));
    }
    GeneratedWeights weights = weights(order.type(), order.config(), order.seed());
    try {
      Path folder = order.file().toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
    } catch (IOException e) {
      throw new TantraException(
          ErrorKind.INTERNAL, "The folder of '%s' cannot be made: %s.".formatted(order.file(), e));
    }
    Conversion.Result result =
        converter.write(
            "generator",
            weights,
            Conversion.of(order.file(), order.file()).toFormat(order.format()),
            listener,
            cancellation);
    return new Made(
        order.type(), order.file(), result.plan().to(), weights.parameters(), result.bytes());
  }

  /// The weights that a configuration asks for, each made from the seed when it is asked for.
  ///
  /// @throws TantraException as [#plan]; `UNSUPPORTED` if the type has no weights
  public GeneratedWeights weights(String type, Map<String, Object> config, long seed) {
    Settings settings = Settings.of("The configuration of '" + type + "'", config);
    WeightPlan plan = plan(type, settings).orElseThrow(() -> noWeights(type));
    return new GeneratedWeights(plan, seed, metadata(type, config));
  }

  /// What `config.json` beside such weights says.
  byte[] configFile(Order order) {
    return text(order.config()).getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, String> metadata(String type, Map<String, Object> config) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(CONFIG, text(config));
    metadata.put("model_type", type);
    return metadata;
  }

  private static String text(Map<String, Object> config) {
    try {
      return JSON.writeValueAsString(config);
    } catch (JsonProcessingException e) {
      throw new TantraException(
          ErrorKind.INTERNAL, "The configuration " + config + " is no JSON: " + e + ".", e);
    }
  }

  private static TantraException noWeights(String type) {
    return new TantraException(
        ErrorKind.UNSUPPORTED,
        "'%s' plans no weights: it needs none, or its plugin cannot make any.".formatted(type));
  }

  private interface Question<T> {
    T to(WeightPlan.Maker maker);
  }

  private <T> T ask(String type, Question<T> question) {
    Optional<Lease<Model>> model = registry.lease(Model.class, type);
    if (model.isPresent()) {
      return ask(type, model.get(), question);
    }
    return ask(
        type, registry.lease(Encoder.class, type).orElseThrow(() -> unknown(type)), question);
  }

  private <T> T ask(String type, Lease<? extends WeightPlan.Maker> lease, Question<T> question) {
    try (lease) {
      PluginCall call =
          new PluginCall(
              lease.plugin().toString(),
              lease.contextClassLoader(),
              "planning the weights of '" + type + "'",
              PLAN_LIMIT);
      return threads.call(call, () -> question.to(lease.get()));
    }
  }

  private TantraException unknown(String type) {
    Set<String> known = extensions();
    return new TantraException(
            ErrorKind.NOT_FOUND,
            "There is no model type '%s'. %s"
                .formatted(
                    type,
                    Nearest.to(type, known)
                        .map(near -> "Did you mean '" + near + "'?")
                        .orElse("Known: " + String.join(", ", known) + ".")))
        .about("type");
  }
}
