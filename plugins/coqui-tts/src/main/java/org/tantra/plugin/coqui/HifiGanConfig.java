package org.tantra.plugin.coqui;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.nn.ConfigFile;

/// What `config.json` says about the vocoder, in Coqui's spelling or that of HiFi-GAN's authors.
/// Channels follow from the weights.
///
/// @param factors by how much each stage stretches the row
/// @param dilations of each residual block of a stage
/// @param twoConvolutions whether blocks are of type 1: a second convolution after each dilated one
/// @param padding frames that the ends are repeated by before the network
record HifiGanConfig(
    List<Integer> factors, List<List<Integer>> dilations, boolean twoConvolutions, int padding) {
  /// Of the reference implementation.
  private static final int DEFAULT_PADDING = 5;

  /// More than any published vocoder has; keeps sizes of products far from overflow.
  private static final int MAXIMUM_FACTOR = 1024;

  HifiGanConfig {
    factors = List.copyOf(factors);
    dilations = List.copyOf(dilations);
  }

  /// @throws TantraException `UNSUPPORTED` if this is another network; `CORRUPT` if a value cannot
  ///   be
  static HifiGanConfig of(Settings json) {
    String generator = json.text("generator_model", "hifigan_generator");
    if (!generator.equals("hifigan_generator")) {
      throw ConfigFile.unsupported(
          "asks for generator_model '"
              + generator
              + "'; this plugin runs hifigan_generator, such as hifigan_v2.");
    }
    Settings values =
        json.has("generator_model_params") ? json.section("generator_model_params") : json;
    List<Integer> factors =
        values.integers(values.has("upsample_factors") ? "upsample_factors" : "upsample_rates");
    List<List<Integer>> dilations = new ArrayList<>();
    for (Object row : values.list("resblock_dilation_sizes")) {
      dilations.add(integers(row));
    }
    // One is a text, the other was written as a number, too.
    Object written =
        values.asMap().getOrDefault("resblock_type", values.asMap().getOrDefault("resblock", "1"));
    String type = String.valueOf(written);
    if (!type.equals("1") && !type.equals("2")) {
      throw ConfigFile.unsupported("asks for resblock_type '" + type + "'; there are 1 and 2.");
    }
    int padding = values.integer("inference_padding", DEFAULT_PADDING);
    long total = 1;
    for (int factor : factors) {
      total = factor < 1 || factor > MAXIMUM_FACTOR ? 0 : total * factor;
      if (total < 1 || total > 1 << 16) {
        throw ConfigFile.corrupt("upsample_factors are " + factors);
      }
    }
    boolean plausible =
        dilations.stream()
            .flatMap(List::stream)
            .allMatch(dilation -> dilation >= 1 && dilation <= MAXIMUM_FACTOR);
    if (factors.isEmpty() || dilations.isEmpty() || !plausible || padding < 0 || padding > 1000) {
      throw ConfigFile.corrupt(
          "upsample_factors are %s, resblock_dilation_sizes %s, inference_padding %d"
              .formatted(factors, dilations, padding));
    }
    return new HifiGanConfig(factors, dilations, type.equals("1"), padding);
  }

  private static List<Integer> integers(Object row) {
    List<Integer> integers = new ArrayList<>();
    if (row instanceof List<?> list) {
      for (Object item : list) {
        if (item instanceof Number number) {
          integers.add(number.intValue());
        }
      }
    }
    return integers;
  }

  /// Samples for each mel frame.
  int hop() {
    return factors.stream().reduce(1, (a, b) -> a * b);
  }
}
