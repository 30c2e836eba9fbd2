package org.tantra.host.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.Model;
import org.tantra.api.Spi;

final class SharedPackagesTest {
  private final SharedPackages shared = SharedPackages.of(getClass().getClassLoader());
  @TempDir Path folder;

  @Test
  void apiAndLoggingAreShared() {
    assertTrue(shared.contains("org.tantra.api"));
    assertTrue(shared.contains("org.tantra.api.tensor"));
    assertTrue(shared.contains("org.slf4j"));
    assertTrue(shared.satisfies(new PackageImport("org.tantra.api", "[1.0,2)", false)));
    assertTrue(shared.osgiHeader().contains("org.tantra.api;version=\"" + Spi.VERSION));
  }

  @Test
  void nothingElseOfTheHostIsShared() {
    assertFalse(shared.contains("org.tantra.host.registry"));
    assertFalse(shared.contains("org.pf4j"));
    assertFalse(shared.containsClass("org.tantra.api.sub.Thing"));
    assertFalse(shared.containsClass("NoPackage"));
  }

  @Test
  void loaderHandsOutTheHostsOwnClasses() throws ClassNotFoundException {
    SharedLoader loader = new SharedLoader(shared);

    assertSame(Model.class, loader.loadClass("org.tantra.api.Model"));
    assertThrows(ClassNotFoundException.class, () -> loader.loadClass("org.pf4j.Plugin"));
  }

  @Test
  void everyPackageOfAJarWithoutExportsIsSharedButTheKernels() throws IOException {
    Path jar = folder.resolve("nn.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out)) {
      for (String name : new String[] {"", "audio/", "kernel/"}) {
        entries.putNextEntry(new ZipEntry("org/tantra/nn/" + name + "package-info.class"));
      }
    }
    assertKernelsAreHidden(jar);
  }

  @Test
  void everyPackageOfAFolderIsSharedButTheKernels() throws IOException {
    for (String name : new String[] {"", "audio/", "kernel/"}) {
      Path packageFolder = Files.createDirectories(folder.resolve("org/tantra/nn/" + name));
      Files.createFile(packageFolder.resolve("package-info.class"));
    }
    assertKernelsAreHidden(folder);
  }

  private static void assertKernelsAreHidden(Path root) throws IOException {
    try (URLClassLoader loader = new URLClassLoader(new URL[] {urlOf(root)}, null)) {
      assertEquals(
          "org.tantra.nn;version=\"0\",org.tantra.nn.audio;version=\"0\"",
          SharedPackages.of(loader).osgiHeader());
    }
  }

  private static URL urlOf(Path path) throws MalformedURLException {
    return path.toUri().toURL();
  }
}
