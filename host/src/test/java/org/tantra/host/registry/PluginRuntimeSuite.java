package org.tantra.host.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What holds in every runtime; the subclasses name it.
abstract class PluginRuntimeSuite {
  @TempDir Path folder;
  private TestKernel kernel;

  abstract String runtime();

  @BeforeEach
  void start() {
    kernel = new TestKernel(runtime(), folder);
  }

  @AfterEach
  void stop() {
    kernel.close();
  }

  @Test
  void updateReplacesTheAnswerAndFreesTheOldClasses() {
    assertInstanceOf(
        Deployment.Running.class,
        kernel.deploy(PluginJar.model("a", "1.0.0", "fold").writeTo(folder.resolve("a.jar"))));
    assertEquals("1.0.0", kernel.answerOf("fold"));

    assertInstanceOf(
        Deployment.Running.class,
        kernel.deploy(PluginJar.model("a", "1.1.0", "fold").writeTo(folder.resolve("a.jar"))));
    assertEquals("1.1.0", kernel.answerOf("fold"));

    assertEquals(List.of(), kernel.plugins.loaders().collect(Duration.ofSeconds(30)));
    assertEquals(1, kernel.plugins.loaders().figures().collected());
  }
}
