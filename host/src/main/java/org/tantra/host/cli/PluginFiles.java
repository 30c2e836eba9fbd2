package org.tantra.host.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// The drop-in folder `plugins/` of a home, by plain file operations: what anybody could do by
/// hand.
final class PluginFiles {
  private final Path folder;

  PluginFiles(Path home) {
    this.folder = home.resolve("plugins");
  }

  /// Copies a jar beside its final name and moves it there, so that no host sees half a file.
  ///
  /// @return the file in the folder
  /// @throws TantraException `NOT_FOUND` if there is no such file, `INVALID` if it is no jar by
  ///   name
  Path install(Path jar) {
    if (!Files.isRegularFile(jar)) {
      throw new TantraException(ErrorKind.NOT_FOUND, "There is no file '" + jar + "'.");
    }
    String name = jar.getFileName().toString();
    if (!name.endsWith(".jar")) {
      throw new TantraException(
          ErrorKind.INVALID, "'" + name + "' is no plugin: plugins are files that end in '.jar'.");
    }
    Path file = folder.resolve(name);
    Path beside = folder.resolve("." + name + ".new");
    try {
      Files.createDirectories(folder);
      Files.copy(jar, beside, StandardCopyOption.REPLACE_EXISTING);
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(jar + " cannot be copied to " + folder, e);
    }
  }

  /// Deletes a plugin's file.
  ///
  /// @throws TantraException `INVALID` if the file lies in another folder
  void remove(PluginLine plugin) {
    Path file = Path.of(plugin.file());
    if (!folder.equals(file.getParent())) {
      throw new TantraException(
          ErrorKind.INVALID,
          "Plugin '%s' comes with the installation (%s). Switch it off with 'tantra plugins disable %s'."
              .formatted(plugin.id(), file, plugin.id()));
    }
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be deleted", e);
    }
  }
}
