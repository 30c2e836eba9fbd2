package org.tantra.host.registry;

final class Pf4jRuntimeTest extends PluginRuntimeSuite {
  @Override
  String runtime() {
    return "pf4j";
  }
}
