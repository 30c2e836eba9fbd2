package org.tantra.host.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Copies a dropped jar into a private folder and proves that the copy is a whole plugin jar.
///
/// Classes are only ever loaded from such copies, so whatever happens to the dropped file cannot
/// disturb running code. Every copy has a path of its own: the JDK caches open jars by path and
/// time. Safe from several threads.
public final class Stager {
  private static final Logger log = LoggerFactory.getLogger(Stager.class);

  private final Path folder;
  private final SharedPackages shared;
  private final AtomicLong count = new AtomicLong();

  /// @param folder private to this stager; made if missing
  /// @param shared packages a plugin must not carry itself
  /// @throws TantraException `INTERNAL` if the folder cannot be made
  public Stager(Path folder, SharedPackages shared) {
    this.shared = shared;
    try {
      this.folder = Files.createDirectories(folder);
    } catch (IOException e) {
      throw new TantraException(
          ErrorKind.INTERNAL, "Cannot make the staging folder " + folder + ": " + e, e);
    }
  }

  /// Copies and checks one jar.
  ///
  /// @throws TantraException `BUSY` if the file changed meanwhile; `CORRUPT` if it is not a whole
  ///   jar or cannot be read; `INVALID` if it is no plugin, or carries classes that the host shares
  public StagedJar stage(Path source) {
    String file = source.getFileName().toString();
    Path copy = folder.resolve(count.incrementAndGet() + ".part");
    try {
      String sha256 = copy(source, copy);
      JarContents contents = contents(file, copy);
      PluginManifest manifest = PluginManifest.read(file, contents.manifest());
      requireNoSharedClasses(file, contents);
      Path path = folder.resolve(uniqueName(manifest, sha256));
      Files.move(copy, path, StandardCopyOption.ATOMIC_MOVE);
      return new StagedJar(
          source,
          path,
          sha256,
          manifest,
          contents.providers(),
          contents.packages(),
          contents.javaRelease());
    } catch (IOException e) {
      delete(copy);
      throw new TantraException(ErrorKind.CORRUPT, file + ": cannot be copied: " + e, e);
    } catch (TantraException e) {
      delete(copy);
      throw e;
    }
  }

  /// The same bytes under a path of its own, for one more loaded copy of the plugin.
  ///
  /// @throws TantraException `INTERNAL` if the file cannot be made
  public StagedJar fork(StagedJar jar) {
    Path path = folder.resolve(uniqueName(jar.manifest(), jar.sha256()));
    try {
      try {
        Files.createLink(path, jar.path());
      } catch (IOException | UnsupportedOperationException _) { // no hard links on this file system
        Files.copy(jar.path(), path);
      }
    } catch (IOException e) {
      throw new TantraException(ErrorKind.INTERNAL, "Cannot stage " + jar + ": " + e, e);
    }
    return jar.at(path);
  }

  /// Deletes a copy that no class loader uses any more.
  public void discard(StagedJar jar) {
    delete(jar.path());
  }

  private String uniqueName(PluginManifest manifest, String sha256) {
    return "%s-%s-%d-%s.jar"
        .formatted(
            manifest.id(), manifest.version(), count.incrementAndGet(), sha256.substring(0, 12));
  }

  private static String copy(Path source, Path copy) throws IOException {
    BasicFileAttributes before = Files.readAttributes(source, BasicFileAttributes.class);
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(source), digest);
        OutputStream out = Files.newOutputStream(copy)) {
      in.transferTo(out);
    }
    BasicFileAttributes after = Files.readAttributes(source, BasicFileAttributes.class);
    if (before.size() != after.size()
        || !before.lastModifiedTime().equals(after.lastModifiedTime())
        || !Objects.equals(before.fileKey(), after.fileKey())
        || Files.size(copy) != after.size()) {
      throw new TantraException(
          ErrorKind.BUSY, source.getFileName() + ": it is still being written.");
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static JarContents contents(String file, Path copy) {
    try {
      return JarContents.read(copy);
    } catch (IOException e) {
      throw new TantraException(
          ErrorKind.CORRUPT, "%s: not a whole jar (%s).".formatted(file, e.getMessage()), e);
    }
  }

  private void requireNoSharedClasses(String file, JarContents contents) {
    String carried =
        contents.classesByPackage().entrySet().stream()
            .filter(entry -> shared.contains(entry.getKey()))
            .map(entry -> "%d of %s".formatted(entry.getValue(), entry.getKey()))
            .collect(Collectors.joining(", "));
    if (!carried.isEmpty()) {
      throw new TantraException(
          ErrorKind.INVALID,
          ("%s: carries classes that the host provides (%s);"
                  + " make that dependency 'provided' and build again.")
              .formatted(file, carried));
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      log.warn("Cannot delete the staged file {}: {}", file, e.toString());
    }
  }
}
