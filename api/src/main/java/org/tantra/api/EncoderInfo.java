package org.tantra.api;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Set;

/// Who an encoder is.
///
/// @param id unique among the encoders of a host
/// @param title one line for people
/// @param modalities what it reads
/// @param width numbers in one embedding; 768 for every encoder of the host
/// @param needs what must be there before it can be loaded
/// @param fallbacks ids of the encoders that stand in for it, in order
public record EncoderInfo(
    String id,
    String title,
    Set<Modality> modalities,
    int width,
    Needs needs,
    List<String> fallbacks) {
  public EncoderInfo {
    ModelInfo.requireExtensionId(id);
    requireNonNull(title, "title");
    requireNonNull(needs, "needs");
    modalities = Set.copyOf(modalities);
    fallbacks = List.copyOf(fallbacks);
    if (modalities.isEmpty() || width <= 0) {
      throw new IllegalArgumentException(
          "encoder '" + id + "' reads nothing or has width " + width);
    }
  }
}
