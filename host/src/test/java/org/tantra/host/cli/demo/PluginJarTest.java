package org.tantra.host.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PluginJarTest {
  @TempDir private Path built = Path.of("");
  @TempDir private Path dropIn = Path.of("");

  @BeforeEach
  void buildJar() throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(new Attributes.Name("Plugin-Version"), "1.2.9");
    try (OutputStream file = Files.newOutputStream(built.resolve("story.jar"));
        JarOutputStream jar = new JarOutputStream(file, manifest)) {
      jar.putNextEntry(new JarEntry("a/B.class"));
      jar.write(new byte[] {1, 2, 3});
    }
    Files.writeString(built.resolve("notes.txt"), "no jar");
  }

  @Test
  void findsTheOnlyPlugin() {
    PluginJar jar = PluginJar.in(built);

    assertEquals("story.jar", jar.name());
    assertEquals("1.2.9", jar.version());
    assertEquals("1.2.10", jar.nextVersion());
  }

  @Test
  void nextVersionHasTheSameClassesAndAnotherManifest() throws IOException {
    PluginJar.in(built).dropNextVersionInto(dropIn);

    try (JarFile jar = new JarFile(dropIn.resolve("story.jar").toFile())) {
      var headers = jar.getManifest().getMainAttributes();
      assertEquals("1.2.10", headers.getValue("Plugin-Version"));
      assertEquals("1.2.10", headers.getValue("Bundle-Version"));
      assertEquals(3, jar.getInputStream(jar.getEntry("a/B.class")).readAllBytes().length);
    }
  }

  @Test
  void halfOfItIsNoJar() {
    PluginJar.in(built).dropHalfInto(dropIn, "broken.jar");

    assertThrows(
        IOException.class, () -> new JarFile(dropIn.resolve("broken.jar").toFile()).close());
  }

  @Test
  void missingBuildSaysSo() {
    StepFailed failed = assertThrows(StepFailed.class, () -> PluginJar.in(built.resolve("target")));

    assertTrue(String.valueOf(failed.getMessage()).startsWith("The example plugin is not built"));
  }
}
