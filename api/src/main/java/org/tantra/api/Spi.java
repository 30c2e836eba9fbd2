package org.tantra.api;

/// The version of this SPI, by the rules of semantic versioning: a plugin built for 1.0 runs with
/// every 1.x, one built for 1.1 needs 1.1 or later.
///
/// | Version | What is new |
/// | --- | --- |
/// | 1.1.0 | [WeightSource#slice(String)] and [WeightSource#copyTo], for bytes that are copied as they lie; [WeightSource#attributes()]; [WeightPlan.Maker#completed] |
/// | 1.0.0 | everything else |
public final class Spi {
  /// Checked by the host against each plugin's `Plugin-Requires`. Equals the package version in the
  /// api jar's manifest.
  public static final String VERSION = "1.1.0";

  private Spi() {}
}
