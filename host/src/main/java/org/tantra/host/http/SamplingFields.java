package org.tantra.host.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Sampling;
import org.tantra.host.config.ServeConfig;

/// The fields that chat and completions share.
final class SamplingFields {
  /// OpenAI's limits.
  private static final int MAXIMUM_STOPS = 4;

  static final int MAXIMUM_CHOICES = 128;

  private SamplingFields() {}

  /// @param serving what the model's configuration sets for fields that are not there
  static Sampling sampling(Fields fields, ServeConfig serving) {
    Integer topK = fields.integer("top_k");
    return new Sampling(
        fields.number("temperature", serving.temperatureOr(1)),
        topK == null || topK == -1 ? 0 : topK, // -1 is how vLLM's clients spell "all"
        fields.number("top_p", serving.topPOr(1)),
        fields.number("min_p", 0),
        fields.number("presence_penalty", 0),
        fields.number("frequency_penalty", 0),
        fields.number("repetition_penalty", 1),
        logitBias(fields),
        fields.whole("seed"));
  }

  /// The sampling of one of several choices: a given seed counts up, else all would be equal.
  static Sampling ofChoice(Sampling sampling, int choice) {
    @Nullable Long seed = sampling.seed();
    return seed == null || choice == 0 ? sampling : sampling.withSeed(seed + choice);
  }

  static List<String> stop(Fields fields) {
    List<String> stop = fields.texts("stop");
    if (stop.size() > MAXIMUM_STOPS) {
      throw fields.refuse(
          "stop",
          "'stop' has " + stop.size() + " texts; at most " + MAXIMUM_STOPS + " are allowed.");
    }
    return stop;
  }

  private static Map<Integer, Double> logitBias(Fields fields) {
    Fields bias = fields.object("logit_bias");
    if (bias == null) {
      return Map.of();
    }
    Map<Integer, Double> biases = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : bias.entries()) {
      String key = entry.getKey();
      if (!key.matches("[0-9]{1,9}")) {
        throw fields.refuse(
            "logit_bias", "'logit_bias' has the key '" + key + "'; keys are token ids.");
      }
      if (!entry.getValue().isNumber()) {
        throw bias.wrong(key, "a number");
      }
      biases.put(Integer.valueOf(key), entry.getValue().doubleValue());
    }
    return biases;
  }
}
