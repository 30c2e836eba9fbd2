package org.tantra.host.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.TantraException;

/// What holds for good plugins in both runtimes.
@ParameterizedClass
@ValueSource(strings = {"pf4j", "felix"})
final class PluginRuntimesTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final String runtime;
  @TempDir Path folder;
  private TestKernel kernel;

  PluginRuntimesTest(String runtime) {
    this.runtime = runtime;
  }

  @BeforeEach
  void start() {
    kernel = new TestKernel(runtime, folder);
  }

  /// Whatever happened, nothing may stay behind.
  @AfterEach
  void stopLeavesNothing() throws Exception {
    kernel.closeWithoutTrace();
  }

  private Deployment deploy(PluginJar jar) {
    return kernel.deploy(jar.writeTo(folder.resolve("dropped.jar")));
  }

  private void run(PluginJar jar) {
    assertInstanceOf(Deployment.Running.class, deploy(jar));
  }

  @Test
  void pluginAnswersAndIsListed() {
    run(PluginJar.model("a", "1.0.0", "fold"));

    assertEquals("1.0.0", kernel.answerOf("fold"));
    RunningPlugin running = kernel.running("a");
    assertEquals("{Model=[fold]}", running.extensions().toString());
    assertEquals(1, running.ref().copy());
    assertEquals("fold", kernel.registry.list(Model.class).getFirst().id());
  }

  @Test
  void updateReplacesTheAnswerAndFreesTheOldClasses() {
    run(PluginJar.model("a", "1.0.0", "fold"));
    run(PluginJar.model("a", "1.1.0", "fold"));

    assertEquals("1.1.0", kernel.answerOf("fold"));
    assertEquals(List.of(), kernel.plugins.loaders().collect(LONG));
    assertEquals(new LoaderWatch.Figures(1, 1), kernel.plugins.loaders().figures());
  }

  @Test
  void reloadMakesAnotherCopyOfTheSameVersion() {
    run(PluginJar.model("a", "1.0.0", "fold"));
    kernel.plugins.reload("a");

    assertEquals("1.0.0", kernel.answerOf("fold"));
    assertEquals(2, kernel.running("a").ref().copy());
  }

  @Test
  void reloadOfAnUnknownPluginNamesThoseThatRun() {
    run(PluginJar.model("a", "1.0.0", "fold"));

    TantraException e = assertThrows(TantraException.class, () -> kernel.plugins.reload("nosuch"));
    assertEquals(ErrorKind.NOT_FOUND, e.kind());
    assertEquals("No plugin 'nosuch' runs; there are [a].", e.getMessage());
  }

  @Test
  void undeployEndsTheExtensionAndFreesTheClasses() {
    run(PluginJar.model("a", "1.0.0", "fold"));
    kernel.plugins.undeploy("a");

    assertTrue(kernel.registry.lease(Model.class, "fold").isEmpty());
    assertEquals(List.of(), kernel.plugins.undeploy("a"));
    assertEquals(List.of(), kernel.plugins.loaders().collect(LONG));
  }

  @Test
  void openLeaseGoesOnWithTheOldCopyUntilItIsClosed() {
    run(PluginJar.model("a", "1.0.0", "fold"));
    try (Lease<Model> old = kernel.registry.lease(Model.class, "fold", "a stream").orElseThrow();
        LoadedModel loaded = old.get().load(TestKernel.NO_CONTEXT)) {
      run(PluginJar.model("a", "1.1.0", "fold"));

      assertEquals("1.1.0", kernel.answerOf("fold"));
      assertEquals("1.0.0", loaded.fingerprint());
      assertEquals("1.0.0", old.get().load(TestKernel.NO_CONTEXT).fingerprint());
      assertEquals(1, kernel.plugins.retired().size());
    }
    assertTrue(kernel.plugins.awaitUnloaded(LONG));
    assertEquals(List.of(), kernel.plugins.retired());
  }

  @Test
  void leaseBeyondTheDrainLimitIsNamedAndKeepsTheCopyLoaded() throws Exception {
    run(PluginJar.model("a", "1.0.0", "fold"));
    try (Lease<Model> old = kernel.registry.lease(Model.class, "fold", "a stream").orElseThrow()) {
      kernel.plugins.undeploy("a");
      awaitZombie();

      RetiredPlugin zombie = kernel.plugins.retired().getFirst();
      assertEquals("a 1.0.0", zombie.ref().toString());
      assertTrue(zombie.holders().getFirst().startsWith("a stream for "), zombie::toString);
      assertEquals("1.0.0", old.get().load(TestKernel.NO_CONTEXT).fingerprint());
    }
    assertTrue(kernel.plugins.awaitUnloaded(LONG));
  }

  @Test
  void forceUnloadsUnderAnOpenLease() throws Exception {
    run(PluginJar.model("a", "1.0.0", "fold"));
    try (Lease<Model> lease =
        kernel.registry.lease(Model.class, "fold", "a stream").orElseThrow()) {
      kernel.plugins.undeploy("a");
      awaitZombie();
      kernel.plugins.force(lease.plugin().copy());

      assertEquals(List.of(), kernel.plugins.retired());
      assertEquals(1, kernel.plugins.loaders().figures().retired());
    }
  }

  private void awaitZombie() throws InterruptedException {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (!kernel.plugins.retired().getFirst().zombie() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
  }

  @Test
  void dependentIsReplacedWithWhatItUses() {
    run(TestSources.base("1.0.0"));
    run(TestSources.greeterJar("1.0.0"));
    assertEquals("hello from 1.0.0", kernel.answerOf("greeter"));

    run(TestSources.base("1.1.0"));

    assertEquals("hello from 1.1.0", kernel.answerOf("greeter"));
    assertTrue(kernel.plugins.awaitUnloaded(LONG));
    assertEquals(List.of(), kernel.plugins.loaders().collect(LONG));
    assertEquals(2, kernel.plugins.loaders().figures().collected());
  }

  @Test
  void dependentStopsWithWhatItUses() {
    run(TestSources.base("1.0.0"));
    run(TestSources.greeterJar("1.0.0"));

    List<PluginRef> stopped = kernel.plugins.undeploy("base");

    assertEquals("[base 1.0.0, greeter 1.0.0]", stopped.toString());
    assertEquals(List.of(), kernel.registry.list(Model.class));
  }

  @Test
  void leaseOnADependentKeepsWhatItUsesLoaded() {
    run(TestSources.base("1.0.0"));
    run(TestSources.greeterJar("1.0.0"));
    try (Lease<Model> lease = kernel.registry.lease(Model.class, "greeter").orElseThrow()) {
      kernel.plugins.undeploy("base");

      LoadedModel loaded = lease.get().load(TestKernel.NO_CONTEXT);
      assertEquals("hello from 1.0.0", loaded.fingerprint());
      assertEquals(2, kernel.plugins.retired().size());
    }
    assertTrue(kernel.plugins.awaitUnloaded(LONG));
  }

  @Test
  void updateThatADependentCannotUseIsRefused() {
    run(TestSources.base("1.0.0"));
    run(TestSources.greeterJar("1.0.0"));

    Deployment.Refused refused = deploy(TestSources.base("2.0.0")).refused().orElseThrow();

    assertEquals(
        "Plugin greeter 1.0.0 needs plugin base >=1.0.0 & <2.0.0 and 2.0.0 runs."
            + " Version 1.0.0 keeps running.",
        refused.message());
    assertEquals("hello from 1.0.0", kernel.answerOf("greeter"));
  }

  @Test
  void pluginsThatNeedEachOtherAreRefused() {
    run(TestSources.base("1.0.0"));
    run(TestSources.greeterJar("1.0.0"));

    Deployment.Refused refused =
        deploy(TestSources.base("1.1.0").header("Plugin-Dependencies", "greeter@*"))
            .refused()
            .orElseThrow();

    assertEquals(
        "Plugin base 1.1.0 needs plugin greeter, which needs it in turn.", refused.reason());
  }

  @Test
  void restartPluginIsNotReplaced() {
    run(PluginJar.model("a", "1.0.0", "fold").header("Tantra-Reload", "restart"));

    Deployment.Refused refused =
        deploy(PluginJar.model("a", "1.1.0", "fold")).refused().orElseThrow();

    assertEquals("Plugin a 1.0.0 is replaced when the host starts again.", refused.reason());
    assertEquals("1.0.0", kernel.answerOf("fold"));
  }

  @Test
  void restartPluginKeepsWhatItUsesFromBeingReplaced() {
    run(TestSources.base("1.0.0"));
    run(TestSources.greeterJar("1.0.0").header("Tantra-Reload", "restart"));

    Deployment.Refused refused = deploy(TestSources.base("1.1.0")).refused().orElseThrow();

    assertEquals("Plugin greeter 1.0.0 is replaced when the host starts again.", refused.reason());
  }

  @Test
  void restartPluginStaysLoadedWhenItIsStopped() {
    run(PluginJar.model("a", "1.0.0", "fold").header("Tantra-Reload", "restart"));
    kernel.plugins.undeploy("a");

    assertEquals(List.of(), kernel.registry.list(Model.class));
    assertEquals(0, kernel.plugins.loaders().figures().retired());
  }

  @Test
  void listenerPreparesWhatReplacesSomething() {
    List<String> calls = new ArrayList<>();
    kernel.plugins.listen(new Recording(calls));

    run(PluginJar.model("a", "1.0.0", "fold"));
    run(PluginJar.model("a", "1.1.0", "fold"));
    kernel.plugins.undeploy("a");

    assertEquals(
        List.of("prepare a 1.0.0 -> a 1.1.0 [fold]", "retiring a 1.0.0", "retiring a 1.1.0"),
        calls);
  }

  @Test
  void listenerThatRefusesKeepsTheOldCopy() {
    List<String> calls = new ArrayList<>();
    kernel.plugins.listen(new Recording(calls));
    kernel.plugins.listen(
        new PluginListener() {
          @Override
          public void prepare(PluginRef previous, PluginRef next, List<Incoming> models) {
            throw new TantraException(ErrorKind.CORRUPT, "The golden output differs.");
          }
        });
    run(PluginJar.model("a", "1.0.0", "fold"));

    Deployment.Refused refused =
        deploy(PluginJar.model("a", "1.1.0", "fold")).refused().orElseThrow();

    assertEquals(Deployment.Step.PREPARE, refused.step());
    assertEquals("The golden output differs. Version 1.0.0 keeps running.", refused.message());
    assertEquals(List.of("prepare a 1.0.0 -> a 1.1.0 [fold]", "abandoned a 1.1.0"), calls);
    assertEquals("1.0.0", kernel.answerOf("fold"));
    assertTrue(kernel.plugins.awaitUnloaded(LONG));
  }

  @Test
  void pluginSeesItsOwnFilesThroughTheContextClassLoader() {
    run(
        PluginJar.empty("context", "1.0.0")
            .compiled(
                TestSources.model(
                    "demo.context",
                    "Context",
                    "read()",
                    "read()",
                    """
                    private final String id = read();

                    private static String read() {
                      ClassLoader loader = Thread.currentThread().getContextClassLoader();
                      try (var in = loader.getResourceAsStream("own.txt")) {
                        Class.forName("org.tantra.api.Spi", true, loader);
                        return new String(in.readAllBytes());
                      } catch (Exception e) {
                        throw new IllegalStateException(e);
                      }
                    }
                    """))
            .text("own.txt", "own")
            .service("org.tantra.api.Model", "demo.context.Context"));

    assertEquals("own", kernel.registry.list(Model.class).getFirst().id());
  }

  @Test
  void pluginSeesNothingElseOfTheHost() {
    run(
        TestSources.badJar(
            "curious",
            """
            public BadModel() throws Exception {
              for (String name :
                  List.of("org.pf4j.Plugin", "org.tantra.host.registry.Plugins", "org.osgi.framework.Bundle")) {
                for (ClassLoader loader :
                    List.of(
                        BadModel.class.getClassLoader(),
                        Thread.currentThread().getContextClassLoader())) {
                  try {
                    Class.forName(name, false, loader);
                  } catch (ClassNotFoundException e) {
                    continue;
                  }
                  throw new IllegalStateException("sees " + name);
                }
              }
            }
            """));
  }

  private record Recording(List<String> calls) implements PluginListener {
    @Override
    public void prepare(PluginRef previous, PluginRef next, List<Incoming> models) {
      calls.add(
          "prepare %s -> %s %s"
              .formatted(previous, next, models.stream().map(Incoming::id).toList()));
      models.forEach(model -> model.lease().close());
    }

    @Override
    public void abandoned(PluginRef next) {
      calls.add("abandoned " + next);
    }

    @Override
    public void retiring(PluginRef ref) {
      calls.add("retiring " + ref);
    }
  }
}
