package org.tantra.host.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.host.registry.LoaderWatch.Leftover;

/// Plugins that leave something behind: the host says what.
@ParameterizedClass
@ValueSource(strings = {"pf4j", "felix"})
final class LeakTest {
  private final String runtime;
  @TempDir Path folder;

  LeakTest(String runtime) {
    this.runtime = runtime;
  }

  private List<Leftover> leftoversOf(String members, Runnable cure) {
    try (TestKernel kernel = new TestKernel(runtime, folder)) {
      Path jar = TestSources.badJar("leaky", members).writeTo(folder.resolve("leaky.jar"));
      assertInstanceOf(Deployment.Running.class, kernel.deploy(jar));
      kernel.plugins.undeploy("leaky");
      List<Leftover> leftovers = leftoversWithoutWorkers(kernel.plugins.loaders());

      cure.run();
      assertEquals(List.of(), kernel.plugins.loaders().collect(Duration.ofSeconds(30)));
      return leftovers;
    }
  }

  /// The host's own thread that stopped the plugin takes its last step when it gets a core; until
  /// then it is rightly named as a holder.
  private static List<Leftover> leftoversWithoutWorkers(LoaderWatch loaders) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    List<Leftover> leftovers;
    do {
      leftovers = loaders.collect(Duration.ofMillis(200));
    } while (leftovers.toString().contains("thread 'plugin leaky") && System.nanoTime() < deadline);
    return leftovers;
  }

  @Test
  void threadIsNamed() {
    CountDownLatch latch = new CountDownLatch(1);
    System.getProperties().put("tantra.test.leak", latch);

    List<Leftover> leftovers =
        leftoversOf(
            """
            public BadModel() {
              var latch =
                  (java.util.concurrent.CountDownLatch) System.getProperties().get("tantra.test.leak");
              Thread.ofPlatform().name("forgotten").daemon().start(
                  () -> {
                    try {
                      latch.await();
                    } catch (InterruptedException e) {
                      return;
                    }
                  });
            }
            """,
            () -> {
              latch.countDown();
              System.getProperties().remove("tantra.test.leak");
            });

    assertEquals(1, leftovers.size());
    assertEquals("leaky 1.0.0", leftovers.getFirst().ref().toString());
    assertEquals(
        List.of("thread 'forgotten' has its context class loader"), leftovers.getFirst().heldBy());
  }

  @Test
  void registrationIsGuessed() {
    List<Leftover> leftovers =
        leftoversOf(
            "public BadModel() { System.getProperties().put(\"tantra.test.leak\", this); }",
            () -> System.getProperties().remove("tantra.test.leak"));

    assertTrue(
        leftovers.getFirst().heldBy().getFirst().startsWith("no thread, so a static field"),
        leftovers::toString);
  }
}
