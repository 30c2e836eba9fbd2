package org.tantra.host.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;
import org.tantra.host.weights.Conversion;

/// A home folder with a store in it, for tests.
final class StoreHome {
  final Path home;
  final SimplePlugins plugins = new SimplePlugins();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2024-05-01T12:00:00Z"));
  final WeightStore store;

  StoreHome(Path home) {
    this.home = home;
    // Each look is a second later, so that the order of things shows.
    InstantSource clock = () -> now.updateAndGet(it -> it.plusSeconds(1));
    this.store = new WeightStore(home, plugins, clock);
  }

  Path registry() {
    return home.resolve("Model/weight_config.json");
  }

  Path weights() {
    return home.resolve("Model/weights");
  }

  WeightEntry save(String type, String version, float value) {
    return store.saveWeights(
        SimplePlugins.weights(4, value), type, null, version, null, "safetensors");
  }

  /// A file as the earlier system left it, without any entry.
  Path leave(String path, float value) throws IOException {
    Path file = home.resolve(path);
    Files.createDirectories(file.getParent());
    plugins.write(
        SimplePlugins.weights(4, value),
        file,
        "simple",
        Conversion.Listener.NONE,
        Cancellation.NEVER);
    return file;
  }

  static String md5(Path file) throws IOException {
    return Checksums.of(file, "MD5", Progress.NONE, Cancellation.NEVER);
  }

  List<String> names() {
    return store.listWeights().stream().map(WeightEntry::name).sorted().toList();
  }

  String active(String type) {
    return store.weight(type, null).name();
  }

  /// What the registry's file says of a weight.
  Map<String, Object> said(String name) throws IOException {
    return RegistryJson.document(
        RegistryJson.parse(Files.readAllBytes(registry())).find(name).orElseThrow());
  }
}
