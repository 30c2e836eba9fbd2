package org.tantra.plugin.mamba;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.nn.StateDict;

/// How a checkpoint names its weights.
enum MambaLayout {
  /// `MambaForCausalLM` and `Mamba2ForCausalLM` of Hugging Face.
  PUBLISHED(
      "backbone.embeddings.weight",
      "backbone.layers.",
      "mixer.",
      "conv1d",
      "backbone.norm_f",
      "lm_head"),
  /// `MambaLMHeadModel` of the authors.
  ORIGINAL(
      "backbone.embedding.weight",
      "backbone.layers.",
      "mixer.",
      "conv1d",
      "backbone.norm_f",
      "lm_head"),
  /// Earlier Tantra systems.
  TANTRA("embed.weight", "layers.", "", "dwconv", "norm", "out");

  /// Name of the embedding table.
  final String embedding;

  /// What stands before the number of a layer.
  final String layers;

  /// What stands between a layer's number and the names of its mixer.
  final String mixer;

  /// The convolution, without `.weight`.
  final String convolution;

  /// The norm before the head, without `.weight`.
  final String finalNorm;

  /// The head, without `.weight`.
  final String head;

  MambaLayout(
      String embedding,
      String layers,
      String mixer,
      String convolution,
      String finalNorm,
      String head) {
    this.embedding = embedding;
    this.layers = layers;
    this.mixer = mixer;
    this.convolution = convolution;
    this.finalNorm = finalNorm;
    this.head = head;
  }

  /// Tells the layout by its embedding and the convolution of the first layer.
  ///
  /// @throws TantraException `UNSUPPORTED` if it is none of these
  static MambaLayout of(StateDict weights) {
    for (MambaLayout layout : values()) {
      if (weights.has(layout.embedding) && weights.has(layout.convolution(0))) {
        return layout;
      }
    }
    throw new TantraException(
        ErrorKind.UNSUPPORTED,
        "The weights of '%s' are no Mamba in a known layout: none has both an embedding and the convolution of layer 0 (%s). Check that the checkpoint belongs to this model."
            .formatted(
                weights.origin(),
                Arrays.stream(values())
                    .map(layout -> layout.embedding + " and " + layout.convolution(0))
                    .collect(Collectors.joining("; "))));
  }

  /// What stands before the names of one layer.
  String layer(int layer) {
    return layers + layer + ".";
  }

  /// The convolution's weight in one layer.
  String convolution(int layer) {
    return layer(layer) + mixer + convolution + ".weight";
  }
}
