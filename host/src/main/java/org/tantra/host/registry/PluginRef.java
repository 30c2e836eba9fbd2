package org.tantra.host.registry;

/// One loaded copy of one plugin, by name: text and numbers only, so that keeping it keeps no class
/// alive.
///
/// @param id the plugin's id
/// @param version its semantic version
/// @param copy counts every copy this host has loaded, of any plugin; tells apart two copies of one
///   version
public record PluginRef(String id, String version, long copy) {
  /// As in messages: `gpt2 1.0.0`.
  @Override
  public String toString() {
    return id + " " + version;
  }
}
