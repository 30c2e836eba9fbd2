package org.tantra.host.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `Config/host.yaml`, checked. Every key has a default, so the file may be missing.
///
/// @param http how the HTTP door listens
/// @param plugins how plugins are found and run
/// @param models how models are chosen and loaded
/// @param weights how the host comes by weights
public record HostConfig(Http http, Plugins plugins, Models models, Weights weights) {
  /// @param host address to listen on
  /// @param port port to listen on; 0 takes a free one
  /// @param apiKeys accepted keys; empty accepts everybody
  /// @param corsOrigins origins that browsers may call from; empty allows none, `*` all
  /// @param maximumBodyBytes larger request bodies are refused
  /// @param queue requests that may wait for a free place before further ones get 429
  /// @param remoteMedia where files that a request names by address may be fetched from; empty for
  ///   nowhere
  public record Http(
      String host,
      int port,
      List<String> apiKeys,
      List<String> corsOrigins,
      long maximumBodyBytes,
      int queue,
      List<RemotePlace> remoteMedia) {
    public Http {
      apiKeys = List.copyOf(apiKeys);
      corsOrigins = List.copyOf(corsOrigins);
      remoteMedia = List.copyOf(remoteMedia);
    }
  }

  /// @param runtime `pf4j` or `felix`
  /// @param quiet how long a dropped file must lie unchanged before it is taken
  /// @param poll how often folders are looked at without a file event
  /// @param stopTimeout how long an old copy may keep its open leases before it is called stuck
  /// @param startTimeout how long a plugin's constructors may take
  public record Plugins(
      String runtime, Duration quiet, Duration poll, Duration stopTimeout, Duration startTimeout) {}

  /// @param standard the model that writes text when a caller names none
  /// @param preferred who answers when a caller names none, by task; for other tasks whoever can
  /// @param lowResource true or false; null decides by the machine's memory
  /// @param budgetBytes memory that loaded models may take together; null for three quarters of
  ///   what the machine has
  /// @param loadTimeout how long loading one model may take
  /// @param answerTimeout how long one step of an answer may take, the prefill included
  /// @param threads threads for arithmetic; 0 for as many as cores
  /// @param concurrent requests answered at once; further ones wait
  public record Models(
      String standard,
      Map<String, String> preferred,
      @Nullable Boolean lowResource,
      @Nullable Long budgetBytes,
      Duration loadTimeout,
      Duration answerTimeout,
      int threads,
      int concurrent) {
    /// The tasks for which somebody can be preferred.
    static final List<String> TASKS =
        List.of(
            "transcription",
            "speech",
            "ocr",
            "text-embedding",
            "image-embedding",
            "audio-embedding",
            "video-embedding");

    public Models {
      preferred = Map.copyOf(preferred);
    }

    /// Whom configuration prefers for all of these tasks, if it says so.
    public @Nullable String preferred(Set<String> tasks) {
      Set<String> wanted = new HashSet<>();
      for (String task : tasks) {
        wanted.add(task.equals("text") ? standard : preferred.getOrDefault(task, ""));
      }
      String only = wanted.size() == 1 ? wanted.iterator().next() : "";
      return only.isEmpty() ? null : only;
    }
  }

  /// @param generateOnDemand whether a model whose own file says `needs.generate` gets small
  ///   untrained weights when somebody asks for it by name and it has none
  public record Weights(boolean generateOnDemand) {}

  /// Reads and checks a file.
  ///
  /// @throws org.tantra.api.TantraException `INVALID` with all problems, each with its line
  public static HostConfig read(Path file) {
    return from(
        YamlFile.read(file, "Config/host.yaml")
            .orElseGet(() -> YamlFile.parse("", "Config/host.yaml")));
  }

  static HostConfig from(YamlFile file) {
    Keys root = Keys.of(file);

    Keys http = root.section("http");
    List<String> keys = http.textsOrNull("api-keys");
    List<String> origins = http.textsOrNull("cors-origins");
    Long body = http.bytesOrNull("max-body");
    Http httpConfig =
        new Http(
            http.text("host", "127.0.0.1"),
            http.integer("port", 8088, 0, 65535),
            keys == null ? List.of() : keys,
            origins == null ? List.of() : origins,
            body == null ? 32L << 20 : body,
            http.integer("queue", 64, 0, 100_000),
            remotePlaces(http));
    http.rejectUnknown();

    Keys plugins = root.section("plugins");
    Plugins pluginsConfig =
        new Plugins(
            plugins.oneOf("runtime", "pf4j", List.of("pf4j", "felix")),
            plugins.duration("quiet", Duration.ofMillis(300)),
            plugins.duration("poll", Duration.ofSeconds(1)),
            plugins.duration("stop-timeout", Duration.ofMinutes(2)),
            plugins.duration("start-timeout", Duration.ofSeconds(20)));
    plugins.rejectUnknown();

    Keys models = root.section("models");
    Models modelsConfig =
        new Models(
            models.text("default", "gpt2"),
            preferred(models.section("preferred")),
            models.flagOrAuto("low-resource"),
            models.bytesOrNull("budget"),
            models.duration("load-timeout", Duration.ofMinutes(2)),
            models.duration("answer-timeout", Duration.ofMinutes(10)),
            models.integer("threads", 0, 0, 1024),
            models.integer("concurrent", 8, 1, 10_000));
    models.rejectUnknown();

    Keys weights = root.section("weights");
    Weights weightsConfig = new Weights(weights.onDemand("generate"));
    weights.rejectUnknown();

    root.rejectUnknown();
    root.throwProblems();
    return new HostConfig(httpConfig, pluginsConfig, modelsConfig, weightsConfig);
  }

  private static List<RemotePlace> remotePlaces(Keys http) {
    List<String> texts = http.textsOrNull("remote-media");
    List<RemotePlace> places = new ArrayList<>();
    for (String text : texts == null ? List.<String>of() : texts) {
      try {
        places.add(RemotePlace.of(text));
      } catch (IllegalArgumentException e) {
        http.wrong("remote-media", String.valueOf(e.getMessage()));
      }
    }
    return places;
  }

  private static Map<String, String> preferred(Keys keys) {
    Map<String, String> preferred = new HashMap<>();
    for (String task : Models.TASKS) {
      String id = keys.textOrNull(task);
      if (id != null) {
        preferred.put(task, id);
      }
    }
    keys.rejectUnknown();
    return preferred;
  }
}
