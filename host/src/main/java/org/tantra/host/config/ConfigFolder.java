package org.tantra.host.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.TantraException;

/// The models' files in `Config/`. A changed file is picked up when it is next asked for; a wrong
/// one changes nothing and is reported.
public final class ConfigFolder {
  private static final Logger log = LoggerFactory.getLogger(ConfigFolder.class);
  private static final String ENDING = ".yaml";

  private record Read(
      @Nullable FileTime modified, long size, ModelConfig config, @Nullable String problem) {}

  private final Path folder;
  private final Map<String, Read> files = new ConcurrentHashMap<>();

  public ConfigFolder(Path folder) {
    this.folder = folder;
  }

  /// The model's configuration as the file says it now; the last good one while the file is wrong;
  /// the defaults if there is none or it never was right.
  public ModelConfig model(String id) {
    return files.compute(id, (_, before) -> current(id, before)).config();
  }

  /// What is wrong with the files, by model id.
  public Map<String, String> problems() {
    Map<String, String> problems = new TreeMap<>();
    for (String id : ids()) {
      Read read = files.compute(id, (_, before) -> current(id, before));
      if (read.problem() != null) {
        problems.put(id, read.problem());
      }
    }
    return problems;
  }

  /// Models that have a file.
  public java.util.Set<String> ids() {
    java.util.Set<String> ids = new TreeSet<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*" + ENDING)) {
      for (Path file : found) {
        String name = file.getFileName().toString();
        String id = name.substring(0, name.length() - ENDING.length());
        if (!id.equals("host")) {
          ids.add(id);
        }
      }
    } catch (NoSuchFileException _) {
      // no folder, no files
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be listed", e);
    }
    return ids;
  }

  private Read current(String id, @Nullable Read before) {
    Path file = folder.resolve(id + ENDING);
    FileTime modified = null;
    long size = 0;
    try {
      modified = Files.getLastModifiedTime(file);
      size = Files.size(file);
    } catch (IOException _) {
      // not there: the defaults hold
    }
    if (before != null
        && java.util.Objects.equals(before.modified(), modified)
        && before.size() == size) {
      return before;
    }
    try {
      return new Read(
          modified, size, ModelConfig.read(file, id).orElseGet(() -> ModelConfig.absent(id)), null);
    } catch (TantraException e) {
      log.warn("{} The previous settings stay in force.", e.getMessage());
      ModelConfig kept = before == null ? ModelConfig.absent(id) : before.config();
      return new Read(modified, size, kept, e.getMessage());
    }
  }
}
