package org.tantra.host.runtime;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/// One pass over every byte of a jar: proves it whole, since `ZipFile` does not check checksums,
/// and gathers what the host wants to know before any class is loaded.
final class JarContents {
  /// A class file begins with a magic number of 4 bytes, then its minor and major version.
  private static final int CLASS_HEADER_BYTES = 8;

  /// Class files of Java 1.1 have major version 45.
  private static final int MAJOR_VERSION_OF_JAVA_0 = 44;

  /// Headers and provider files are small; what is larger is neither.
  private static final int LARGEST_TEXT_BYTES = 1 << 20;

  private @Nullable Manifest manifest;
  private final Map<String, List<String>> providers = new HashMap<>();
  private final Map<String, Integer> classesByPackage = new TreeMap<>();
  private int javaRelease;

  private JarContents() {}

  /// @throws IOException if it is not a whole jar; the message says why in half a sentence
  static JarContents read(Path jar) throws IOException {
    JarContents contents = new JarContents();
    byte[] buffer = new byte[1 << 16];
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        try (InputStream in = zip.getInputStream(entry)) {
          contents.read(entry, in, buffer);
        }
      }
    } catch (IllegalArgumentException e) { // entry names and sizes that no sound jar has
      throw new ZipException(String.valueOf(e.getMessage()));
    }
    return contents;
  }

  private void read(ZipEntry entry, InputStream in, byte[] buffer) throws IOException {
    String name = entry.getName();
    CRC32 checksum = new CRC32();
    byte[] head = in.readNBytes(headBytes(name));
    checksum.update(head);
    for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
      checksum.update(buffer, 0, count);
    }
    if (checksum.getValue() != entry.getCrc()) {
      throw new ZipException("the checksum of " + name + " differs");
    }
    if (name.equalsIgnoreCase(JarFile.MANIFEST_NAME)) {
      manifest = new Manifest(new ByteArrayInputStream(head));
    } else if (ServiceFiles.isExtensionFile(name)) {
      providers.put(ServiceFiles.pointOf(name), ServiceFiles.parse(head));
    } else if (isClass(name)) {
      addClass(name, head);
    }
  }

  private static int headBytes(String name) {
    if (isClass(name)) {
      return CLASS_HEADER_BYTES;
    }
    return name.startsWith("META-INF/") ? LARGEST_TEXT_BYTES : 0;
  }

  /// Versioned classes under `META-INF` may ask for more than the jar as a whole.
  private static boolean isClass(String name) {
    return name.endsWith(".class") && !name.startsWith("META-INF/");
  }

  private void addClass(String name, byte[] head) throws ZipException {
    if (head.length < CLASS_HEADER_BYTES) {
      throw new ZipException(name + " is not a class file");
    }
    int major = (head[6] & 0xff) << 8 | (head[7] & 0xff);
    javaRelease = Math.max(javaRelease, major - MAJOR_VERSION_OF_JAVA_0);
    int slash = name.lastIndexOf('/');
    String packageName = slash < 0 ? "" : name.substring(0, slash).replace('/', '.');
    classesByPackage.merge(packageName, 1, Integer::sum);
  }

  @Nullable Manifest manifest() {
    return manifest;
  }

  Map<String, List<String>> providers() {
    return providers;
  }

  /// How many classes each package has, by name.
  Map<String, Integer> classesByPackage() {
    return classesByPackage;
  }

  Set<String> packages() {
    return new HashSet<>(classesByPackage.keySet());
  }

  int javaRelease() {
    return javaRelease;
  }
}
