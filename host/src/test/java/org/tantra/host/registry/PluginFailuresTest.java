package org.tantra.host.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;

/// Bad plugins: each is refused with the same text in both runtimes, and harms nothing else.
@ParameterizedClass
@ValueSource(strings = {"pf4j", "felix"})
final class PluginFailuresTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final String runtime;
  @TempDir Path folder;
  private TestKernel kernel;

  PluginFailuresTest(String runtime) {
    this.runtime = runtime;
  }

  @BeforeEach
  void startWithAGoodPlugin() {
    kernel = new TestKernel(runtime, folder);
    assertInstanceOf(Deployment.Running.class, deploy(PluginJar.model("good", "1.0.0", "fold")));
  }

  @AfterEach
  void goodPluginStillAnswersAndMayBeReplaced() throws Exception {
    assertEquals("1.0.0", kernel.answerOf("fold"));
    assertInstanceOf(Deployment.Running.class, deploy(PluginJar.model("good", "1.1.0", "fold")));
    assertEquals("1.1.0", kernel.answerOf("fold"));
    kernel.closeWithoutTrace();
  }

  private Deployment deploy(PluginJar jar) {
    return kernel.deploy(jar.writeTo(folder.resolve("dropped.jar")));
  }

  private void assertRefused(PluginJar jar, Deployment.Step step, ErrorKind kind, String reason) {
    assertRefused(deploy(jar), step, kind, reason);
  }

  private static void assertRefused(
      Deployment deployment, Deployment.Step step, ErrorKind kind, String reason) {
    Deployment.Refused refused = deployment.refused().orElseThrow();
    assertEquals(reason, refused.reason());
    assertEquals(step, refused.step());
    assertEquals(kind, refused.kind());
  }

  @Test
  void newerSpi() {
    assertRefused(
        PluginJar.model("n", "1.0.0", "n").header("Plugin-Requires", ">=9.0.0"),
        Deployment.Step.CHECK,
        ErrorKind.UNSUPPORTED,
        "Plugin n 1.0.0 needs SPI >=9.0.0 and this host offers 1.1.0.");
  }

  @Test
  void missingDependency() {
    assertRefused(
        PluginJar.model("n", "1.0.0", "n").header("Plugin-Dependencies", "base@>=1.0.0"),
        Deployment.Step.CHECK,
        ErrorKind.UNSUPPORTED,
        "Plugin n 1.0.0 needs plugin base >=1.0.0 and it does not run.");
  }

  @Test
  void missingPackage() {
    assertRefused(
        PluginJar.model("n", "1.0.0", "n")
            .header("Import-Package", "org.tantra.api;version=\"[1.0,2)\",org.nowhere"),
        Deployment.Step.CHECK,
        ErrorKind.UNSUPPORTED,
        "Plugin n 1.0.0 needs package org.nowhere 0, which neither the host nor a plugin it depends"
            + " on offers.");
  }

  @Test
  void newerApiPackageThanTheSpiRangeSays() {
    assertRefused(
        PluginJar.model("n", "1.0.0", "n")
            .header("Import-Package", "org.tantra.api;version=\"[1.9,2)\""),
        Deployment.Step.CHECK,
        ErrorKind.UNSUPPORTED,
        "Plugin n 1.0.0 needs package org.tantra.api [1.9,2), which neither the host nor a plugin"
            + " it depends on offers.");
  }

  @Test
  void constructorThatThrows() {
    assertRefused(
        TestSources.badJar(
            "tc", "public BadModel() { throw new IllegalStateException(\"boom\"); }"),
        Deployment.Step.CONSTRUCT,
        ErrorKind.INTERNAL,
        "Plugin tc 1.0.0 failed while constructing bad.BadModel:"
            + " java.lang.IllegalStateException: boom at bad.BadModel.<init>(BadModel.java:7).");
  }

  @Test
  void staticInitialiserThatThrows() {
    assertRefused(
        TestSources.badJar("ts", "static { if (true) throw new IllegalStateException(\"boom\"); }"),
        Deployment.Step.CONSTRUCT,
        ErrorKind.INTERNAL,
        "Plugin ts 1.0.0 failed while constructing bad.BadModel:"
            + " java.lang.IllegalStateException: boom at bad.BadModel.<clinit>(BadModel.java:7).");
  }

  @Test
  void constructorThatRunsOutOfStack() {
    assertRefused(
        TestSources.badJar(
            "so",
            "private final int depth = deeper(); private int deeper() { return deeper() + 1; }"),
        Deployment.Step.CONSTRUCT,
        ErrorKind.INTERNAL,
        "Plugin so 1.0.0 failed while constructing bad.BadModel:"
            + " java.lang.StackOverflowError at bad.BadModel.deeper(BadModel.java:7).");
  }

  @Test
  void exceptionWhoseMessageThrows() {
    assertRefused(
        TestSources.badJar(
            "em",
            """
            public BadModel() {
              throw new RuntimeException() {
                @Override public String getMessage() { throw new IllegalStateException(); }
                @Override public StackTraceElement[] getStackTrace() { return null; }
              };
            }
            """),
        Deployment.Step.CONSTRUCT,
        ErrorKind.INTERNAL,
        "Plugin em 1.0.0 failed while constructing bad.BadModel: bad.BadModel$1.");
  }

  @Test
  void infoThatReturnsNothing() {
    Deployment.Refused refused =
        deploy(
                PluginJar.empty("in", "1.0.0")
                    .compiled(
                        TestSources.badModel("")
                            .replace("return new ModelInfo(", "return null; //"))
                    .service("org.tantra.api.Model", "bad.BadModel"))
            .refused()
            .orElseThrow();

    assertEquals(Deployment.Step.CONSTRUCT, refused.step());
    assertTrue(
        refused
            .reason()
            .contains("in 1.0.0 failed while constructing bad.BadModel: java.lang.Null"),
        refused::reason);
  }

  @Test
  void missingClass() {
    assertRefused(
        TestSources.badJar("mc", "").without("bad/BadModel.class"),
        Deployment.Step.CONSTRUCT,
        ErrorKind.INVALID,
        "Plugin mc 1.0.0: META-INF/services/org.tantra.api.Model names bad.BadModel,"
            + " which is not in the jar.");
  }

  @Test
  void classThatNeedsAMissingClass() {
    assertRefused(
        TestSources.badJar(
                "ml", "private final Object other = new Other(); static final class Other {}")
            .without("bad/BadModel$Other.class"),
        Deployment.Step.CONSTRUCT,
        ErrorKind.INTERNAL,
        "Plugin ml 1.0.0 failed while constructing bad.BadModel:"
            + " java.lang.NoClassDefFoundError: bad/BadModel$Other"
            + " at bad.BadModel.<init>(BadModel.java:7).");
  }

  @Test
  void classThatIsNoModel() {
    assertRefused(
        PluginJar.empty("nm", "1.0.0")
            .compiled("package bad; public final class NoModel {}")
            .service("org.tantra.api.Model", "bad.NoModel"),
        Deployment.Step.CONSTRUCT,
        ErrorKind.INVALID,
        "Plugin nm 1.0.0: META-INF/services/org.tantra.api.Model names bad.NoModel,"
            + " which does not implement it.");
  }

  @Test
  void classWithoutAUsableConstructor() {
    assertRefused(
        TestSources.badJar("nc", "public BadModel(int x) {}"),
        Deployment.Step.CONSTRUCT,
        ErrorKind.INVALID,
        "Plugin nc 1.0.0: bad.BadModel has no public constructor without parameters.");
  }

  @Test
  void noExtensionAtAll() {
    assertRefused(
        PluginJar.empty("ne", "1.0.0"),
        Deployment.Step.CONSTRUCT,
        ErrorKind.INVALID,
        "Plugin ne 1.0.0 has no extension: no file in META-INF/services is named after one of"
            + " [org.tantra.api.Model, org.tantra.api.Encoder, org.tantra.api.WeightFormat,"
            + " org.tantra.api.ParityCheck].");
  }

  @Test
  void misspeltExtensionPoint() {
    assertRefused(
        TestSources.badJar("mp", "").service("org.tantra.api.Modell", "bad.BadModel"),
        Deployment.Step.CONSTRUCT,
        ErrorKind.INVALID,
        "Plugin mp 1.0.0: META-INF/services/org.tantra.api.Modell names no extension point;"
            + " there are [org.tantra.api.Model, org.tantra.api.Encoder,"
            + " org.tantra.api.WeightFormat, org.tantra.api.ParityCheck].");
  }

  @Test
  void extensionIdThatIsTaken() {
    assertRefused(
        PluginJar.model("same", "1.0.0", "fold"),
        Deployment.Step.REGISTER,
        ErrorKind.INVALID,
        "Model 'fold' is already provided by plugin good 1.0.0.");
  }

  @Test
  void constructorThatHangs() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    Plugins.Limits usual = TestKernel.LIMITS;
    try (TestKernel hasty =
        new TestKernel(
            runtime,
            folder.resolve("hasty"),
            new Plugins.Limits(Duration.ofMillis(500), usual.drain(), usual.shutdown()))) {
      runAtLast(hasty, PluginJar.model("good", "1.0.0", "fold"));
      System.getProperties().put("tantra.test.latch", latch);
      try {
        PluginJar jar =
            TestSources.badJar(
                "ch",
                """
                public BadModel() {
                  var latch =
                      (java.util.concurrent.CountDownLatch) System.getProperties().get("tantra.test.latch");
                  while (latch.getCount() > 0) {
                    try {
                      latch.await();
                    } catch (InterruptedException e) { // hangs all the same
                    }
                  }
                }
                """);
        assertRefused(
            hasty.deploy(jar.writeTo(folder.resolve("dropped.jar"))),
            Deployment.Step.CONSTRUCT,
            ErrorKind.INTERNAL,
            "Plugin ch 1.0.0 did not finish constructing bad.BadModel within 500 ms;"
                + " its thread is left alone.");

        RetiredPlugin quarantined = hasty.plugins.retired().getLast();
        assertEquals("ch 1.0.0", quarantined.ref().toString());
        assertTrue(
            quarantined.holders().getFirst().startsWith("constructing bad.BadModel for "),
            quarantined::toString);
      } finally {
        latch.countDown();
        System.getProperties().remove("tantra.test.latch");
      }
      assertTrue(hasty.plugins.awaitUnloaded(LONG));
      assertEquals("1.0.0", hasty.answerOf("fold"));
      runAtLast(hasty, PluginJar.model("good", "1.1.0", "fold"));
      assertEquals("1.1.0", hasty.answerOf("fold"));
      hasty.closeWithoutTrace();
    }
  }

  /// Runs a good plugin where the limit is so short that a busy machine may exceed it.
  private void runAtLast(TestKernel hasty, PluginJar jar) {
    Path file = jar.writeTo(folder.resolve("dropped.jar"));
    long deadline = System.nanoTime() + LONG.toNanos();
    Deployment deployment = hasty.deploy(file);
    while (deployment.refused().isPresent() && System.nanoTime() < deadline) {
      deployment = hasty.deploy(file);
    }
    assertInstanceOf(Deployment.Running.class, deployment);
  }

  @Test
  void classesFromANewerJava() throws Exception {
    byte[] fromTheFuture = {
      (byte) 0xca, (byte) 0xfe, (byte) 0xba, (byte) 0xbe, 0, 0, 0, 99, 0, 0, 0, 0
    };
    int java = Runtime.version().feature();
    assertRefused(
        TestSources.badJar("nj", "").binary("bad/Future.class", fromTheFuture),
        Deployment.Step.CHECK,
        ErrorKind.UNSUPPORTED,
        "Plugin nj 1.0.0 needs Java 55 and this is Java " + java + ".");
  }

  @Test
  void badUpdateKeepsTheOldVersion() {
    Deployment.Refused refused =
        deploy(PluginJar.model("good", "1.0.1", "fold").without("demo/DemoModel.class"))
            .refused()
            .orElseThrow();

    assertTrue(refused.message().endsWith(" Version 1.0.0 keeps running."), refused::message);
  }
}
