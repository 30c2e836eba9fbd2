package org.tantra.plugin.mamba;

import org.tantra.api.Settings;
import org.tantra.nn.ConfigFile;

/// The sizes of a selective mixer in the models of our own design, by the keys of earlier systems.
final class SelectiveSizes {
  private SelectiveSizes() {}

  /// Twice as many channels as the stream is wide, and step sizes through a sixteenth of it, as in
  /// the published Mamba.
  ///
  /// @throws org.tantra.api.TantraException `CORRUPT` if a size cannot be
  static MixerConfig.Selective of(Settings json, int hidden) {
    int state = json.integer("d_state", 64);
    int kernel = json.integer("d_conv", 4);
    int expand = json.integer("expand", 2);
    ConfigFile.requireSize("d_state", state);
    ConfigFile.requireSize("d_conv", kernel);
    ConfigFile.requireSize("expand", expand);
    long inner = (long) expand * hidden;
    if (inner * state > 1 << 28) {
      throw ConfigFile.corrupt(
          "expand %d times d_model %d times d_state %d is no plausible state"
              .formatted(expand, hidden, state));
    }
    return new MixerConfig.Selective((int) inner, state, kernel, Math.ceilDiv(hidden, 16));
  }
}
