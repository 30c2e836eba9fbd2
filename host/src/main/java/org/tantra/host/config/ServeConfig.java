package org.tantra.host.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The `serve` section of `Config/<model>.yaml`: how a model answers when a request does not say.
/// What is null is not set, and then the door's own protocol decides.
///
/// @param quantization how plugins that can do so hold the weights: one of [#QUANTIZATIONS]
/// @param maxTokens most tokens to add
/// @param temperature 0 to 2
/// @param topP 0 to 1
/// @param continuousBatching whether several requests may be computed together
/// @param maxBatchSize most requests computed together
/// @param generateTimeout longest wait for the next piece of an answer, the prefill included
/// @param prometheus kept for files of the earlier system; `/metrics` is always there
public record ServeConfig(
    @Nullable String quantization,
    @Nullable Integer maxTokens,
    @Nullable Double temperature,
    @Nullable Double topP,
    @Nullable Boolean continuousBatching,
    @Nullable Integer maxBatchSize,
    @Nullable Duration generateTimeout,
    @Nullable Boolean prometheus) {
  /// What `serve.quantization` may be.
  public static final List<String> QUANTIZATIONS =
      List.of("none", "bf16", "int8_dynamic", "q8_0", "q4_0");

  /// Nothing set.
  public static final ServeConfig UNSET =
      new ServeConfig(null, null, null, null, null, null, null, null);

  /// What `create-config` writes: the defaults of the earlier system.
  public static final ServeConfig DEFAULTS =
      new ServeConfig("int8_dynamic", 256, 0.7, 0.9, true, 4, Duration.ofSeconds(20), true);

  static ServeConfig read(Keys serve) {
    ServeConfig config =
        new ServeConfig(
            serve.oneOfOrNull("quantization", QUANTIZATIONS),
            serve.integerOrNull("max_tokens", 1, Integer.MAX_VALUE),
            serve.numberOrNull("temperature", 0, 2),
            serve.numberOrNull("top_p", 0, 1),
            serve.flagOrNull("continuous_batching"),
            serve.integerOrNull("max_batch_size", 1, 1024),
            serve.millisOrNull("generate_timeout_ms"),
            serve.flagOrNull("prometheus"));
    serve.rejectSlips();
    return config;
  }

  /// The same with what is not set taken from another.
  public ServeConfig over(ServeConfig other) {
    return new ServeConfig(
        quantization == null ? other.quantization : quantization,
        maxTokens == null ? other.maxTokens : maxTokens,
        temperature == null ? other.temperature : temperature,
        topP == null ? other.topP : topP,
        continuousBatching == null ? other.continuousBatching : continuousBatching,
        maxBatchSize == null ? other.maxBatchSize : maxBatchSize,
        generateTimeout == null ? other.generateTimeout : generateTimeout,
        prometheus == null ? other.prometheus : prometheus);
  }

  /// The most tokens of a request that does not say.
  public int maxTokensOr(int otherwise) {
    return maxTokens == null ? otherwise : maxTokens;
  }

  /// The temperature of a request that does not say.
  public double temperatureOr(double otherwise) {
    return temperature == null ? otherwise : temperature;
  }

  /// The probability mass of a request that does not say.
  public double topPOr(double otherwise) {
    return topP == null ? otherwise : topP;
  }

  /// As the file spells it, without what is not set.
  public Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    put(values, "quantization", quantization);
    put(values, "max_tokens", maxTokens);
    put(values, "temperature", temperature);
    put(values, "top_p", topP);
    put(values, "continuous_batching", continuousBatching);
    put(values, "max_batch_size", maxBatchSize);
    put(
        values,
        "generate_timeout_ms",
        generateTimeout == null ? null : Math.toIntExact(generateTimeout.toMillis()));
    put(values, "prometheus", prometheus);
    return values;
  }

  private static void put(Map<String, Object> values, String key, @Nullable Object value) {
    if (value != null) {
      values.put(key, value);
    }
  }
}
