package org.tantra.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tantra.api.Spi;

/// What every plugin jar of the reactor must hold, so that it runs in either runtime.
final class PluginJarTest {
  private static final String SERVICES = "META-INF/services/";

  static Iterable<Path> plugins() {
    return Jars.plugins();
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void holdsItsOwnPackageOnly(Path jar) {
    List<String> packages =
        Jars.classes(jar, 2).stream().map(JavaClass::getPackageName).distinct().sorted().toList();
    String root =
        packages.stream().filter(name -> name.startsWith("org.tantra.")).findFirst().orElse("none");
    // A library that the jar carries unpacked, as the manifest declares.
    String library = String.valueOf(Jars.header(jar, "Tantra-Embeds"));

    assertTrue(root.startsWith("org.tantra.plugin."), root);
    for (String name : packages) {
      assertTrue(
          name.equals(root)
              || name.startsWith(root + ".")
              || Stream.of(library.split(","))
                  .anyMatch(embedded -> name.equals(embedded) || name.startsWith(embedded + ".")),
          jar + " holds " + name + " beside " + root);
    }
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void bothHeadsOfTheManifestAgree(Path jar) {
    assertEquals(Jars.header(jar, "Plugin-Id"), Jars.header(jar, "Bundle-SymbolicName"));
    assertEquals(Jars.header(jar, "Plugin-Version"), Jars.header(jar, "Bundle-Version"));
    assertEquals(
        Jars.header(jar, "Plugin-Id") + ".jar", jar.getFileName().toString(), "name of the file");
    String imports = String.valueOf(Jars.header(jar, "Import-Package"));
    String minor = Spi.VERSION.substring(0, Spi.VERSION.lastIndexOf('.'));
    assertTrue(imports.contains("org.tantra.api;version=\"[" + minor + ",2)\""), imports);
    assertEquals(">=" + Spi.VERSION + " & <2.0.0", Jars.header(jar, "Plugin-Requires"));
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void serviceFilesNamePublicClassesOfTheJar(Path jar) throws IOException {
    JavaClasses classes = Jars.classes(jar, 2);
    Map<String, List<String>> services = services(jar);

    assertFalse(services.isEmpty(), jar + " contributes nothing");
    services.forEach(
        (point, names) -> {
          assertTrue(point.startsWith("org.tantra.api."), point + " is no extension point");
          assertFalse(names.isEmpty(), point + " of " + jar + " is empty");
          for (String name : names) {
            JavaClass extension = classes.get(name);
            assertTrue(extension.isAssignableTo(point), name + " is no " + point);
            assertTrue(extension.getModifiers().contains(JavaModifier.PUBLIC), name);
            assertTrue(
                extension.tryGetConstructor().isPresent()
                    && extension.getConstructor().getModifiers().contains(JavaModifier.PUBLIC),
                name + " has no public constructor without parameters");
          }
        });
  }

  @Test
  void spiVersionIsThePackageVersionOfTheApi() {
    String exports = String.valueOf(Jars.header(Jars.of("api"), "Export-Package"));
    Matcher version = Pattern.compile("org\\.tantra\\.api;version=\"([^\"]+)\"").matcher(exports);

    assertTrue(version.find(), exports);
    assertEquals(Spi.VERSION, version.group(1));
  }

  private static Map<String, List<String>> services(Path jar) throws IOException {
    Map<String, List<String>> services = new TreeMap<>();
    try (JarFile open = new JarFile(jar.toFile())) {
      for (JarEntry entry : Collections.list(open.entries())) {
        if (entry.getName().startsWith(SERVICES) && !entry.isDirectory()) {
          String text =
              new String(open.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
          List<String> names = new ArrayList<>();
          text.lines()
              .map(line -> line.replaceAll("#.*", "").strip())
              .filter(line -> !line.isEmpty())
              .forEach(names::add);
          services.put(entry.getName().substring(SERVICES.length()), names);
        }
      }
    }
    return services;
  }
}
