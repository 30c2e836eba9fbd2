package org.tantra.host.registry;

final class FelixRuntimeTest extends PluginRuntimeSuite {
  @Override
  String runtime() {
    return "felix";
  }
}
