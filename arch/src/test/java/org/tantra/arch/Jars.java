package org.tantra.arch;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/// The jars that the build made. `mvn verify` makes them all; a missing one fails the tests.
final class Jars {
  /// The checkout.
  static final Path ROOT = Path.of(System.getProperty("tantra.root", "..")).toAbsolutePath();

  private static final Map<Path, JavaClasses> CLASSES = new ConcurrentHashMap<>();

  private Jars() {}

  /// The jar of a module that is no plugin.
  static Path of(String module) {
    return files(ROOT.resolve(module).resolve("target"), "tantra-" + module + "-", ".jar").stream()
        .findFirst()
        .orElseThrow(
            () -> new AssertionError(module + "/target holds no jar. Build with 'mvn verify'."));
  }

  /// Every plugin jar of the reactor: what lies in a `target` folder below `plugins/` and has a
  /// `Plugin-Id`.
  static List<Path> plugins() {
    List<Path> plugins =
        files(ROOT.resolve("plugins"), "", ".jar").stream()
            .filter(
                jar ->
                    ROOT.relativize(jar).getNameCount() > 2
                        && jar.getName(jar.getNameCount() - 2).toString().equals("target"))
            .filter(jar -> header(jar, "Plugin-Id") != null)
            .sorted()
            .toList();
    if (plugins.size() < 3) {
      throw new AssertionError(
          "Only " + plugins + " are built; there are at least three. Build with 'mvn verify'.");
    }
    return plugins;
  }

  /// The classes of a jar, at least `least` of them: a rule over too few classes means nothing.
  static JavaClasses classes(Path jar, int least) {
    JavaClasses classes = CLASSES.computeIfAbsent(jar, Jars::read);
    if (classes.size() < least) {
      throw new AssertionError(jar + " holds " + classes.size() + " classes; expected " + least);
    }
    return classes;
  }

  private static JavaClasses read(Path jar) {
    try (JarFile open = new JarFile(jar.toFile())) {
      return new ClassFileImporter().importJar(open);
    } catch (IOException e) {
      throw new UncheckedIOException(jar + " cannot be read", e);
    }
  }

  /// A header of a jar's manifest; null if it has none.
  static @org.jspecify.annotations.Nullable String header(Path jar, String name) {
    try (JarFile open = new JarFile(jar.toFile())) {
      Manifest manifest = open.getManifest();
      return manifest == null ? null : manifest.getMainAttributes().getValue(name);
    } catch (IOException e) {
      throw new UncheckedIOException(jar + " cannot be read", e);
    }
  }

  /// Files below a folder, by the beginning and end of their names.
  static List<Path> files(Path folder, String prefix, String suffix) {
    List<Path> found = new ArrayList<>();
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              String name = file.getFileName().toString();
              if (name.startsWith(prefix) && name.endsWith(suffix)) {
                found.add(file);
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult preVisitDirectory(Path inside, BasicFileAttributes attributes) {
              // lib/ of the host holds copies of other modules' jars
              String name = inside.getFileName().toString();
              return name.equals("lib") || name.equals("classes") || name.startsWith(".")
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new AssertionError(folder + " cannot be walked. Build with 'mvn verify'.", e);
    }
    return found;
  }
}
