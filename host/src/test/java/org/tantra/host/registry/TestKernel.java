package org.tantra.host.registry;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.host.concurrent.PluginThreads;
import org.tantra.host.runtime.CompatibilityCheck;
import org.tantra.host.runtime.PluginRuntime;
import org.tantra.host.runtime.SharedPackages;
import org.tantra.host.runtime.StagedJar;
import org.tantra.host.runtime.Stager;
import org.tantra.host.runtime.felix.FelixRuntime;
import org.tantra.host.runtime.pf4j.Pf4jRuntime;

/// The kernel as the host wires it, in a temporary folder. Its limits leave a busy machine time;
/// only the one after which the holders of an old copy are named is short.
final class TestKernel implements AutoCloseable {
  static final Plugins.Limits LIMITS =
      new Plugins.Limits(Duration.ofSeconds(60), Duration.ofMillis(100), Duration.ofSeconds(60));

  final Path staging;
  final SharedPackages shared;
  final Stager stager;
  final ExtensionRegistry registry = new ExtensionRegistry();
  final PluginThreads threads = new PluginThreads(2);
  final Plugins plugins;

  TestKernel(String runtime, Path folder) {
    this(runtime, folder, LIMITS);
  }

  TestKernel(String runtime, Path folder, Plugins.Limits limits) {
    staging = folder.resolve("staging");
    shared = SharedPackages.of(TestKernel.class.getClassLoader());
    stager = new Stager(staging, shared);
    plugins =
        new Plugins(
            runtime(runtime, folder),
            stager,
            shared,
            CompatibilityCheck.ofThisHost(shared),
            registry,
            threads,
            limits,
            InstantSource.system());
  }

  private PluginRuntime runtime(String name, Path folder) {
    return switch (name) {
      case "pf4j" -> new Pf4jRuntime(staging, shared);
      case "felix" -> new FelixRuntime(folder.resolve("felix"), shared);
      default -> throw new IllegalArgumentException(name);
    };
  }

  /// Stages a jar and deploys it.
  Deployment deploy(Path jar) {
    StagedJar staged = stager.stage(jar);
    try {
      return plugins.deploy(staged);
    } finally {
      stager.discard(staged);
    }
  }

  /// A plugin that must be running.
  RunningPlugin running(String id) {
    return requireNonNull(plugins.running().get(id), () -> id + " does not run");
  }

  /// What a demo model answers: the version of its jar.
  String answerOf(String model) {
    try (Lease<Model> lease = registry.lease(Model.class, model).orElseThrow();
        LoadedModel loaded = lease.get().load(NO_CONTEXT)) {
      return loaded.fingerprint();
    }
  }

  /// Demo models ask for nothing.
  static final LoadContext NO_CONTEXT =
      (LoadContext)
          Proxy.newProxyInstance(
              TestKernel.class.getClassLoader(),
              new Class<?>[] {LoadContext.class},
              (_, method, _) -> {
                throw new UnsupportedOperationException(method.getName());
              });

  @Override
  public void close() {
    plugins.close();
  }

  /// Closes, and asserts that nothing stays behind: no class, no open file, no staged file.
  void closeWithoutTrace() throws IOException {
    close();
    assertEquals(List.of(), plugins.loaders().collect(Duration.ofSeconds(30)));
    assertEquals(List.of(), OpenFiles.below(staging));
    try (Stream<Path> staged = Files.list(staging)) {
      assertEquals(List.of(), staged.toList());
    }
  }
}
