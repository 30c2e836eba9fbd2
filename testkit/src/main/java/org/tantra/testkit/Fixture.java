package org.tantra.testkit;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// A file or folder of golden data under a module's test resources. Never written to.
///
/// @param path where it lies on disk
public record Fixture(Path path) {
  /// The fixture at a class path location such as `golden/tiny-2x8`.
  ///
  /// @throws AssertionError if it is not there: a missing fixture fails the test, it never skips it
  public static Fixture of(String resource) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    URL url = (loader == null ? Fixture.class.getClassLoader() : loader).getResource(resource);
    if (url == null) {
      throw new AssertionError("no fixture '" + resource + "' on the test class path");
    }
    if (!url.getProtocol().equals("file")) {
      throw new AssertionError(
          "fixture '" + resource + "' is inside an archive; it must be a plain file: " + url);
    }
    try {
      return new Fixture(Path.of(url.toURI()));
    } catch (URISyntaxException e) {
      throw new AssertionError("fixture '" + resource + "' has an unreadable location: " + url, e);
    }
  }

  /// One file of a fixture that is a folder.
  ///
  /// @throws AssertionError if it is not there
  public Path file(String name) {
    Path file = path.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new AssertionError("fixture '" + path.getFileName() + "' has no file '" + name + "'");
    }
    return file;
  }

  /// Every regular file of a fixture that is a folder, at any depth, sorted.
  ///
  /// @throws IOException if the folder cannot be listed
  public List<Path> files() throws IOException {
    try (Stream<Path> walk = Files.walk(path)) {
      return walk.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
