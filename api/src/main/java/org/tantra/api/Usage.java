package org.tantra.api;

import java.util.Map;

/// What a request used.
///
/// @param promptTokens tokens of the prompt
/// @param completionTokens tokens added, including one that completed a stop text
/// @param measures further figures of the model by name, such as spikes per token
public record Usage(int promptTokens, int completionTokens, Map<String, Double> measures) {
  public Usage {
    measures = Map.copyOf(measures);
  }

  public static Usage of(int promptTokens, int completionTokens) {
    return new Usage(promptTokens, completionTokens, Map.of());
  }
}
