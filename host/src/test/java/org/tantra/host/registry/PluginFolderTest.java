package org.tantra.host.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Model;
import org.tantra.testkit.ManualClock;

/// The drop-in folder, by a clock that is set by hand, in both runtimes.
///
/// Longer than most classes: one flat list of what happens to files there.
@ParameterizedClass
@ValueSource(strings = {"pf4j", "felix"})
final class PluginFolderTest {
  private static final Duration QUIET = Duration.ofMillis(300);

  private final String runtime;
  private final ManualClock clock = new ManualClock();
  @TempDir Path root;
  private Path drop;
  private Path installed;
  private TestKernel kernel;
  private DesiredState desired;
  private PluginFolder folder;

  PluginFolderTest(String runtime) {
    this.runtime = runtime;
  }

  @BeforeEach
  void start() throws IOException {
    drop = Files.createDirectory(root.resolve("plugins"));
    installed = root.resolve("installed");
    kernel = new TestKernel(runtime, root);
    desired = new DesiredState(root.resolve("run/plugins.json"));
    folder = folder(clock);
  }

  private PluginFolder folder(InstantSource time) {
    return new PluginFolder(
        List.of(drop, installed),
        kernel.stager,
        kernel.plugins,
        desired,
        new PluginFolder.Timing(QUIET, Duration.ofMillis(20)),
        time);
  }

  @AfterEach
  void stopLeavesNothing() throws IOException {
    folder.close();
    kernel.closeWithoutTrace();
  }

  /// Two scans, far enough apart for a file to count as quiet.
  private void settle() {
    folder.scan();
    clock.advance(QUIET);
    folder.scan();
  }

  /// Long enough for a missing file to count as gone.
  private void outlastGrace() {
    folder.scan();
    clock.advance(QUIET.multipliedBy(3));
    folder.scan();
  }

  private Path drop(String file, PluginJar jar) {
    return jar.writeTo(drop.resolve(file));
  }

  /// `file state message` of each file.
  private String statuses() {
    return String.join(
        "\n",
        folder.statuses().stream()
            .map(
                status ->
                    "%s %s %s"
                        .formatted(status.file().getFileName(), status.state(), status.message())
                        .strip())
            .toList());
  }

  @Test
  void droppedJarRunsOnceItIsQuiet() {
    drop("a.jar", PluginJar.model("a", "1.0.0", "fold"));
    folder.scan();
    assertEquals("a.jar SETTLING It is taken once it stops changing.", statuses());

    clock.advance(QUIET);
    folder.scan();

    assertEquals("a.jar ACTIVE", statuses());
    assertEquals("1.0.0", kernel.answerOf("fold"));
    PluginStatus status = folder.statuses().getFirst();
    assertEquals("a", status.id());
    assertEquals("1.0.0", status.version());
    assertEquals("{Model=[fold]}", status.extensions().toString());
    assertEquals(1, status.copy());
    assertEquals(clock.instant(), status.since());
  }

  @Test
  void fileThatIsBeingWrittenIsNotTaken() throws IOException {
    byte[] bytes = PluginJar.model("a", "1.0.0", "fold").bytes();
    Path jar = drop.resolve("a.jar");
    for (int part = 1; part <= 4; part++) {
      Files.write(jar, Arrays.copyOf(bytes, bytes.length * part / 4));
      folder.scan();
      clock.advance(QUIET.dividedBy(2));
      folder.scan();
      assertEquals("a.jar SETTLING It is taken once it stops changing.", statuses());
    }
    settle();
    assertEquals("a.jar ACTIVE", statuses());
  }

  @Test
  void startTakesWhatIsThereAtOnce() {
    drop("a.jar", PluginJar.model("a", "1.0.0", "fold"));
    folder.start();

    assertEquals("1.0.0", kernel.answerOf("fold"));
  }

  @Test
  void startReadsATruncatedJarAgainBeforeItIsRejected() throws IOException {
    byte[] bytes = PluginJar.model("a", "1.0.0", "fold").bytes();
    Path jar = Files.write(drop.resolve("a.jar"), Arrays.copyOf(bytes, bytes.length / 2));
    folder.start();
    folder.close();
    folder.scan();
    assertEquals("a.jar SETTLING It is taken once it stops changing.", statuses());

    Files.write(jar, bytes);
    settle();
    assertEquals("a.jar ACTIVE", statuses());
  }

  @Test
  void overwritingUpdates() {
    drop("a.jar", PluginJar.model("a", "1.0.0", "fold"));
    settle();
    drop("a.jar", PluginJar.model("a", "1.1.0-rc1", "fold"));
    settle();

    assertEquals("a.jar ACTIVE", statuses());
    assertEquals("1.1.0-rc1", kernel.answerOf("fold"));
  }

  @Test
  void overwritingInPlaceWhileTheOldCopyIsUsedDisturbsNothing() {
    drop("a.jar", PluginJar.model("a", "1.0.0", "fold"));
    settle();
    try (Lease<Model> old = kernel.registry.lease(Model.class, "fold").orElseThrow()) {
      drop("a.jar", PluginJar.model("a", "1.1.0", "fold"));
      assertEquals("1.0.0", old.get().load(TestKernel.NO_CONTEXT).fingerprint());
      settle();
      assertEquals("1.0.0", old.get().load(TestKernel.NO_CONTEXT).fingerprint());
      assertEquals("1.1.0", kernel.answerOf("fold"));
    }
    assertTrue(kernel.plugins.awaitUnloaded(Duration.ofSeconds(30)));
  }

  @Test
  void overwritingWithRubbishKeepsTheOldVersion() throws IOException {
    Path jar = drop("a.jar", PluginJar.model("a", "1.0.0", "fold"));
    settle();
    Files.writeString(jar, "rubbish");
    settle();

    assertEquals(
        "a.jar REJECTED a.jar: not a whole jar (zip END header not found)."
            + " Version 1.0.0 keeps running.",
        statuses());
    assertEquals("1.0.0", kernel.answerOf("fold"));

    drop("a.jar", PluginJar.model("a", "1.1.0", "fold"));
    settle();
    assertEquals("a.jar ACTIVE", statuses());
    assertEquals("1.1.0", kernel.answerOf("fold"));
  }

  @Test
  void overwritingWithABadVersionKeepsTheOldOne() {
    drop("a.jar", PluginJar.model("a", "1.0.0", "fold"));
    settle();
    drop("a.jar", PluginJar.model("a", "1.1.0", "fold").without("demo/DemoModel.class"));
    settle();

    assertEquals(
        "a.jar FAILED Plugin a 1.1.0: META-INF/services/org.tantra.api.Model names"
            + " demo.DemoModel, which is not in the jar. Version 1.0.0 keeps running.",
        statuses());
    assertEquals("1.0.0", kernel.answerOf("fold"));
  }

  @Test
  void touchingChangesNothing() throws IOException {
    Path jar = drop("a.jar", PluginJar.model("a", "1.0.0", "fold"));
    settle();
    Files.setLastModifiedTime(jar, FileTime.fromMillis(0));
    settle();

    assertEquals(1, kernel.running("a").ref().copy());
  }

  @Test
  void deletingStopsAfterAGrace() throws IOException {
    Path jar = drop("a.jar", PluginJar.model("a", "1.0.0", "fold"));
    settle();
    Files.delete(jar);
    folder.scan();
    assertEquals("1.0.0", kernel.answerOf("fold"));

    outlastGrace();
    assertEquals("", statuses());
    assertEquals(List.of(), kernel.registry.list(Model.class));
  }

  @Test
  void renamingChangesNothing() throws IOException {
    Path jar = drop("a.jar", PluginJar.model("a", "1.0.0", "fold"));
    settle();
    Files.move(jar, drop.resolve("renamed.jar"));
    settle();
    outlastGrace();

    assertEquals("renamed.jar ACTIVE", statuses());
    assertEquals(1, kernel.running("a").ref().copy());
  }

  @Test
  void deletingTheNewestVersionGoesBackToTheOneBefore() throws IOException {
    drop("a-1.0.0.jar", PluginJar.model("a", "1.0.0", "fold"));
    settle();
    Path newest = drop("a-1.1.0.jar", PluginJar.model("a", "1.1.0", "fold"));
    settle();
    assertEquals(
        "a-1.0.0.jar SUPERSEDED a-1.1.0.jar has version 1.1.0.\na-1.1.0.jar ACTIVE", statuses());

    Files.delete(newest);
    outlastGrace();
    assertEquals("a-1.0.0.jar ACTIVE", statuses());
    assertEquals("1.0.0", kernel.answerOf("fold"));
  }

  @Test
  void twoFilesWithOneIdAndVersionNameEachOther() {
    drop("b.jar", PluginJar.model("a", "1.0.0", "fold"));
    settle();
    drop("a.jar", PluginJar.model("a", "1.0.0", "fold").text("other", ""));
    settle();

    assertEquals(
        "a.jar SUPERSEDED Plugin a 1.0.0 comes from b.jar already; remove one of the two.\n"
            + "b.jar ACTIVE",
        statuses());
    assertEquals(1, kernel.running("a").ref().copy());
  }

  @Test
  void homeGoesBeforeTheInstallation() throws IOException {
    Files.createDirectory(installed);
    PluginJar.model("a", "1.0.0", "fold").writeTo(installed.resolve("a.jar"));
    PluginJar.model("b", "1.0.0", "bend").writeTo(installed.resolve("b.jar"));
    drop("a.jar", PluginJar.model("a", "1.0.0", "fold").text("other", ""));
    settle();

    assertEquals(drop, kernel.running("a").source().getParent());
    assertEquals(installed, kernel.running("b").source().getParent());
  }

  @Test
  void dependentWaitsForWhatItUses() throws IOException {
    drop("a-greeter.jar", TestSources.greeterJar("1.0.0"));
    settle();
    assertEquals("a-greeter.jar WAITING It waits for plugin base.", statuses());

    Path base = drop("base.jar", TestSources.base("1.0.0"));
    settle();
    assertEquals("hello from 1.0.0", kernel.answerOf("greeter"));

    Files.delete(base);
    outlastGrace();
    assertEquals("a-greeter.jar WAITING It waits for plugin base.", statuses());
  }

  @Test
  void refusedForATakenIdIsTriedAgainWhenTheIdIsFree() throws IOException {
    Path first = drop("a.jar", PluginJar.model("a", "1.0.0", "fold"));
    drop("b.jar", PluginJar.model("b", "1.0.0", "fold"));
    settle();
    assertEquals(
        "a.jar ACTIVE\nb.jar FAILED Model 'fold' is already provided by plugin a 1.0.0.",
        statuses());

    Files.delete(first);
    outlastGrace();
    assertEquals("b.jar ACTIVE", statuses());
  }

  @Test
  void failedNewestVersionLeavesTheOneBefore() {
    drop("a-1.0.0.jar", PluginJar.model("a", "1.0.0", "fold"));
    drop("a-1.1.0.jar", PluginJar.model("a", "1.1.0", "fold").header("Plugin-Requires", ">=9.0.0"));
    settle();

    assertEquals(
        "a-1.0.0.jar ACTIVE\n"
            + "a-1.1.0.jar FAILED Plugin a 1.1.0 needs SPI >=9.0.0 and this host offers 1.1.0."
            + " Version 1.0.0 keeps running.",
        statuses());
  }

  @Test
  void badJarThatIsDroppedAgainGetsAnotherChance() throws IOException {
    PluginJar needsHelp =
        TestSources.badJar(
            "moody",
            """
            public BadModel() {
              if (!Boolean.getBoolean("tantra.test.mood")) throw new IllegalStateException("no");
            }
            """);
    Path jar = drop("moody.jar", needsHelp);
    settle();
    assertEquals(PluginStatus.State.FAILED, folder.statuses().getFirst().state());
    System.setProperty("tantra.test.mood", "true");
    try {
      folder.scan();
      assertEquals(PluginStatus.State.FAILED, folder.statuses().getFirst().state());

      Files.delete(jar);
      outlastGrace();
      drop("moody.jar", needsHelp);
      settle();
      assertEquals("moody.jar ACTIVE", statuses());
    } finally {
      System.clearProperty("tantra.test.mood");
    }
  }

  @Test
  void otherFilesAreIgnored() throws IOException {
    Files.writeString(drop.resolve("README.md"), "no plugin");
    Files.writeString(drop.resolve(".hidden.jar"), "no plugin");
    Files.createDirectory(drop.resolve("folder.jar"));
    settle();

    assertEquals("", statuses());
  }

  @Test
  void disablingByAnotherProcessStopsAndEnablingStarts() {
    drop("a.jar", PluginJar.model("a", "1.0.0", "fold"));
    settle();
    DesiredState otherProcess = new DesiredState(root.resolve("run/plugins.json"));

    otherProcess.disable("a");
    folder.scan();
    assertEquals("a.jar DISABLED It is switched off.", statuses());
    assertEquals(List.of(), kernel.registry.list(Model.class));

    otherProcess.enable("a");
    folder.scan();
    assertEquals("a.jar ACTIVE", statuses());
  }

  @Test
  void pinnedVersionRunsAlthoughThereIsANewerOne() {
    drop("a-1.0.0.jar", PluginJar.model("a", "1.0.0", "fold"));
    drop("a-1.1.0.jar", PluginJar.model("a", "1.1.0", "fold"));
    settle();
    desired.pin("a", "1.0.0");
    folder.scan();

    assertEquals("1.0.0", kernel.answerOf("fold"));
    assertEquals("a-1.0.0.jar ACTIVE\na-1.1.0.jar SUPERSEDED Version 1.0.0 is pinned.", statuses());

    desired.unpin("a");
    folder.scan();
    assertEquals("1.1.0", kernel.answerOf("fold"));
  }

  @Test
  void askingForAReloadMakesANewCopyOnce() {
    drop("a.jar", PluginJar.model("a", "1.0.0", "fold"));
    settle();
    desired.reload("a");
    folder.scan();
    folder.scan();

    assertEquals(2, kernel.running("a").ref().copy());
  }

  @Test
  void askingForAReloadTriesAFailedPluginAgain() {
    kernel.plugins.listen(
        new PluginListener() {
          private int calls;

          @Override
          public void prepare(PluginRef previous, PluginRef next, List<Incoming> models) {
            models.forEach(model -> model.lease().close());
            if (calls++ == 0) {
              throw new IllegalStateException("not yet");
            }
          }
        });
    drop("a.jar", PluginJar.model("a", "1.0.0", "fold"));
    settle();
    drop("a.jar", PluginJar.model("a", "1.1.0", "fold"));
    settle();
    assertEquals("1.0.0", kernel.answerOf("fold"));

    desired.reload("a");
    folder.scan();
    assertEquals("1.1.0", kernel.answerOf("fold"));
    assertEquals("a.jar ACTIVE", statuses());
  }

  @Test
  void fileEventsWakeTheWatcher() throws Exception {
    folder.close();
    folder = folder(InstantSource.system());
    folder.start();
    drop("a.jar", PluginJar.model("a", "1.0.0", "fold"));

    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!kernel.plugins.running().containsKey("a") && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertEquals("1.0.0", kernel.answerOf("fold"));
    assertNotEquals("", statuses());
  }
}
