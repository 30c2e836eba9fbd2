package org.tantra.it;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.tantra.host.Host;
import org.tantra.host.HostOptions;
import org.tantra.host.http.HttpServer;
import org.tantra.host.registry.PluginStatus;

/// A home folder with built plugins and, if wanted, a running host with its HTTP door on a free
/// port.
final class Installation implements AutoCloseable {
  static final Path ROOT = Path.of(System.getProperty("tantra.root"));
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path home;
  private final Host host;
  private final HttpServer server;
  private final int port;

  private Installation(Path home, Host host, HttpServer server, int port) {
    this.home = home;
    this.host = host;
    this.server = server;
    this.port = port;
  }

  /// Fills a home folder: jars of these plugins, a host that looks often at files and leaves a busy
  /// machine time, and the tiny GPT-2 as `gpt2`.
  static void fill(Path home, List<String> plugins) throws IOException {
    Files.createDirectories(home.resolve("plugins"));
    Files.createDirectories(home.resolve("Config"));
    Files.writeString(
        home.resolve("Config/host.yaml"),
        """
        http: {port: 0}
        plugins: {quiet: 20 ms, poll: 50 ms, start-timeout: 1 m, stop-timeout: 2 s}
        models: {load-timeout: 1 m, low-resource: false}
        """);
    for (String plugin : plugins) {
      Files.copy(jar(plugin), home.resolve("plugins").resolve(plugin + ".jar"));
    }
    copyGolden("gpt2-tiny", home.resolve("Model/gpt2"));
  }

  /// The built jar of a plugin.
  static Path jar(String plugin) {
    Path example = ROOT.resolve("examples").resolve(plugin);
    Path folder = Files.isDirectory(example) ? example.resolve("target") : ROOT.resolve("plugins");
    Path jar = folder.resolve(plugin + ".jar");
    if (!Files.exists(jar)) {
      fail(jar + " is not built; run mvn package first");
    }
    return jar;
  }

  static Path golden(String name) {
    return ROOT.resolve("plugins/gpt2/src/test/resources/golden").resolve(name);
  }

  private static void copyGolden(String name, Path folder) throws IOException {
    Files.createDirectories(folder);
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(golden(name).resolve(file), folder.resolve(file));
    }
  }

  /// Opens the home, waits until its plugins run, and starts the HTTP door.
  static Installation start(Path home, String runtime) {
    Host host = Host.open(new HostOptions(home, List.of(), runtime, false));
    HttpServer server = new HttpServer(host, host.config().http());
    return new Installation(home, host, server, server.start());
  }

  Host host() {
    return host;
  }

  Path home() {
    return home;
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  Path dropIn(String plugin) {
    return home.resolve("plugins").resolve(plugin + ".jar");
  }

  /// Puts a jar with the same classes and another version where the plugin's jar lies.
  void drop(String plugin, String version) throws IOException {
    Path beside = home.resolve("plugins").resolve("." + plugin + ".tmp");
    repack(jar(plugin), beside, version);
    Files.move(
        beside,
        dropIn(plugin),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static void repack(Path from, Path to, String version) throws IOException {
    try (JarFile jar = new JarFile(from.toFile())) {
      Manifest manifest = new Manifest(jar.getManifest());
      manifest.getMainAttributes().put(new Attributes.Name("Plugin-Version"), version);
      manifest.getMainAttributes().put(new Attributes.Name("Bundle-Version"), version);
      try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(to), manifest)) {
        for (JarEntry entry : jar.stream().toList()) {
          if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
            out.putNextEntry(new JarEntry(entry.getName()));
            try (InputStream in = jar.getInputStream(entry)) {
              in.transferTo(out);
            }
          }
        }
      }
    }
  }

  /// The status line of the file in the drop-in folder.
  PluginStatus status(String plugin) {
    return host.plugins().stream()
        .filter(status -> status.file().getFileName().toString().equals(plugin + ".jar"))
        .findFirst()
        .orElseThrow();
  }

  /// Waits until the host sees it so.
  void await(String what, BooleanSupplier seen) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!seen.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        fail(what + " did not happen within " + LIMIT + "; plugins: " + host.plugins());
      }
      host.scanPlugins();
      Thread.onSpinWait();
    }
  }

  void awaitVersion(String plugin, String version) {
    await(
        plugin + " " + version,
        () ->
            host.plugins().stream()
                .anyMatch(
                    status ->
                        plugin.equals(status.id())
                            && version.equals(status.version())
                            && status.state() == PluginStatus.State.ACTIVE));
  }

  @Override
  public void close() {
    server.close();
    host.close();
  }
}
