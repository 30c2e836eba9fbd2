package org.tantra.api;

/// The version of this SPI, by the rules of semantic versioning.
public final class Spi {
  /// Checked by the host against each plugin's `Plugin-Requires`. Equals the package version in the
  /// api jar's manifest.
  public static final String VERSION = "1.0.0";

  private Spi() {}
}
