package org.tantra.host.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/// A built plugin jar, and what the demonstration makes of it.
///
/// @param file the jar
/// @param version its `Plugin-Version`
record PluginJar(Path file, String version) {
  private static final Attributes.Name PLUGIN_VERSION = new Attributes.Name("Plugin-Version");
  private static final Attributes.Name BUNDLE_VERSION = new Attributes.Name("Bundle-Version");

  /// The only plugin in a build folder.
  static PluginJar in(Path folder) {
    List<PluginJar> found = new ArrayList<>();
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*.jar")) {
      for (Path jar : jars) {
        try (JarFile open = new JarFile(jar.toFile())) {
          Manifest manifest = open.getManifest();
          if (manifest != null && manifest.getMainAttributes().containsKey(PLUGIN_VERSION)) {
            found.add(new PluginJar(jar, manifest.getMainAttributes().getValue(PLUGIN_VERSION)));
          }
        }
      }
    } catch (IOException e) {
      throw new StepFailed(
          "The example plugin is not built: " + folder + " cannot be read (" + e + ").", e);
    }
    if (found.size() != 1) {
      throw new StepFailed(
          folder + " holds " + found.size() + " plugin jars; the demonstration needs exactly one.");
    }
    return found.getFirst();
  }

  String name() {
    return file.getFileName().toString();
  }

  /// The version with its last number one higher: `1.0.3` after `1.0.2`.
  String nextVersion() {
    int dot = version.lastIndexOf('.');
    return version.substring(0, dot + 1) + (Integer.parseInt(version.substring(dot + 1)) + 1);
  }

  /// Copies the jar beside its place and moves it there in one step.
  void dropInto(Path folder) {
    Path beside = folder.resolve("." + name());
    try {
      Files.createDirectories(folder);
      Files.copy(file, beside, StandardCopyOption.REPLACE_EXISTING);
      move(beside, folder.resolve(name()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The same in the next version: equal classes, another manifest.
  void dropNextVersionInto(Path folder) {
    Path beside = folder.resolve("." + name());
    try (JarFile open = new JarFile(file.toFile())) {
      Manifest manifest = new Manifest(open.getManifest());
      manifest.getMainAttributes().put(PLUGIN_VERSION, nextVersion());
      manifest.getMainAttributes().put(BUNDLE_VERSION, nextVersion());
      try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(beside), manifest)) {
        for (JarEntry entry : Collections.list(open.entries())) {
          if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
            out.putNextEntry(new JarEntry(entry.getName()));
            try (InputStream in = open.getInputStream(entry)) {
              in.transferTo(out);
            }
            out.closeEntry();
          }
        }
      }
      move(beside, folder.resolve(name()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Half of it under another name: a copy that broke off.
  void dropHalfInto(Path folder, String name) {
    try {
      byte[] whole = Files.readAllBytes(file);
      Files.write(folder.resolve(name), Arrays.copyOf(whole, whole.length / 2));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
