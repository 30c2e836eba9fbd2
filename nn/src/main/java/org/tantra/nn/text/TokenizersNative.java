package org.tantra.nn.text;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Hugging Face's tokenizers library, which DJL's jar carries as native code for a few platforms.
/// Unpacked and loaded on first use, once per process.
///
/// DJL's own loader is not used: it looks for graphics cards, asks the context class loader, may
/// download, and reports home. The library belongs to the class loader of this class, which must
/// also be that of DJL's classes; the host puts both on the class path that plugins share.
///
/// The copy lies in `.cache/tantra/` of the user's home and is compared with the jar before it is
/// loaded. It appears there by renaming, so two processes may begin at once. Where the home cannot
/// be written, or code there cannot be run, a copy in a temporary folder serves this process alone.
final class TokenizersNative {
  private static final String LIBRARY = System.mapLibraryName("tokenizers");

  private TokenizersNative() {}

  /// Loads on first use.
  private static final class Loaded {
    /// Why the library does not run here, in one line; empty if it does.
    static final Optional<String> FAILURE = load();
  }

  /// The library's functions.
  ///
  /// @throws TantraException `UNSUPPORTED` if the library does not run here
  static TokenizersLibrary library() {
    if (Loaded.FAILURE.isPresent()) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "A tokenizer.json is read by native code, which does not run here: "
              + Loaded.FAILURE.get()
              + ".");
    }
    return TokenizersLibrary.LIB;
  }

  private static Optional<String> load() {
    String platform = platform(System.getProperty("os.name"), System.getProperty("os.arch"));
    List<URL> files;
    try {
      files = files(TokenizersLibrary.class.getClassLoader(), platform);
    } catch (LinkageError e) {
      return Optional.of("DJL's jar is not on the class path (" + e + ")");
    }
    if (files.isEmpty()) {
      return Optional.of("DJL's jar has none for " + platform);
    }
    Optional<String> failure = load(files, Path.of(System.getProperty("user.home"), ".cache"));
    if (failure.isEmpty()) {
      return failure;
    }
    try {
      Path temporary = Files.createTempDirectory("tantra-");
      Optional<String> again = load(files, temporary);
      deleteAtExit(temporary);
      return again.map(second -> failure.get() + "; " + second);
    } catch (IOException e) {
      return Optional.of(failure.get() + "; " + e);
    }
  }

  @SuppressWarnings("restricted") // the launcher allows native access
  private static Optional<String> load(List<URL> files, Path cache) {
    try {
      for (Path file : unpack(files, cache.resolve("tantra"))) {
        System.load(file.toString());
      }
      return Optional.empty();
    } catch (IOException | UnsatisfiedLinkError e) {
      return Optional.of(e.toString());
    }
  }

  /// As the folders in DJL's jar are called: `linux-x86_64`, `osx-aarch64`.
  static String platform(String system, String processor) {
    String name = system.toLowerCase(Locale.ROOT);
    String family = name.startsWith("mac") ? "osx" : name.startsWith("win") ? "win" : name;
    return family + "-" + (processor.equals("amd64") ? "x86_64" : processor);
  }

  /// What has to be loaded for a platform, in this order; nothing if there is no library for it.
  static List<URL> files(ClassLoader loader, String platform) {
    List<String> names =
        platform.startsWith("win")
            ? List.of("libwinpthread-1.dll", "libgcc_s_seh-1.dll", "libstdc++-6.dll", LIBRARY)
            : List.of(LIBRARY);
    List<URL> files = new ArrayList<>();
    for (String name : names) {
      URL file = loader.getResource("native/lib/" + platform + "/cpu/" + name);
      if (file == null) {
        return List.of();
      }
      files.add(file);
    }
    return files;
  }

  /// Copies what lies in a jar, unless the copies are there already.
  ///
  /// @param cache where the folder of the copies lies, or will
  static List<Path> unpack(List<URL> files, Path cache) throws IOException {
    List<Path> copies = new ArrayList<>();
    for (URL url : files) {
      if (!(url.openConnection() instanceof JarURLConnection connection)) {
        throw new IOException(url + " does not lie in a jar");
      }
      connection.setUseCaches(false); // a cached connection keeps the jar open for ever
      try (JarFile jar = connection.getJarFile()) {
        ZipEntry entry = connection.getJarEntry();
        String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
        // Another version of the library goes into another folder.
        Path copy = cache.resolve("%s-%08x".formatted(name, entry.getCrc())).resolve(name);
        if (!isCopy(copy, entry)) {
          copy(jar, entry, copy);
        }
        copies.add(copy);
      }
    }
    return copies;
  }

  private static void copy(JarFile jar, ZipEntry entry, Path copy) throws IOException {
    Path folder = Files.createDirectories(copy.toAbsolutePath().getParent());
    Path fresh = Files.createTempFile(folder, "new-", "");
    try (InputStream in = jar.getInputStream(entry)) {
      Files.copy(in, fresh, StandardCopyOption.REPLACE_EXISTING);
      Files.move(fresh, copy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      // On Windows a file that another process has loaded cannot be replaced, and need not be.
      if (!isCopy(copy, entry)) {
        throw e;
      }
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static boolean isCopy(Path file, ZipEntry entry) throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) != entry.getSize()) {
      return false;
    }
    CRC32 sum = new CRC32();
    try (InputStream in = new CheckedInputStream(Files.newInputStream(file), sum)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return sum.getValue() == entry.getCrc();
  }

  private static void deleteAtExit(Path folder) throws IOException {
    try (var all = Files.walk(folder)) {
      all.forEach(path -> path.toFile().deleteOnExit());
    }
  }
}
