package org.tantra.host.registry;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.host.runtime.SemanticVersion;
import org.tantra.host.runtime.StagedJar;
import org.tantra.host.runtime.Stager;

/// The files of the drop-in folders. Not thread-safe.
final class DropIns {
  private static final Logger log = LoggerFactory.getLogger(DropIns.class);

  private final List<Path> folders;
  private final Stager stager;
  private final Map<Path, DropIn> files = new LinkedHashMap<>();

  /// @param folders the first goes before the others when two hold the same version
  DropIns(List<Path> folders, Stager stager) {
    this.folders = List.copyOf(folders);
    this.stager = stager;
  }

  Collection<DropIn> all() {
    return files.values();
  }

  /// Whether something will have to be looked at again soon.
  boolean areUnsettled() {
    return files.values().stream().anyMatch(file -> !file.examined() || file.isGone());
  }

  /// Takes note of what is there.
  void look(Instant now) {
    for (int i = 0; i < folders.size(); i++) {
      for (Path path : jarsIn(folders.get(i))) {
        int folder = i;
        files.computeIfAbsent(path, _ -> new DropIn(path, folder, now));
      }
    }
    files.values().forEach(file -> file.look(now));
  }

  private static List<Path> jarsIn(Path folder) {
    List<Path> found = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return found;
    }
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*.jar")) {
      for (Path jar : jars) {
        if (!jar.getFileName().toString().startsWith(".")) {
          found.add(jar);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      log.warn("Cannot list the plugin folder {}: {}", folder, e.toString());
    }
    found.sort(Comparator.naturalOrder());
    return found;
  }

  /// Reads what has become quiet.
  ///
  /// @param quiet how long a file must not have changed
  /// @param last whether content that is not whole is given up, see [DropIn#examine]
  void examine(Duration quiet, boolean last, Instant now) {
    for (DropIn file : files.values()) {
      if (file.isReady(quiet, now)) {
        file.examine(stager, last, now);
      }
    }
  }

  /// Forgets what has been gone for a while.
  void forgetGone(Duration grace, Instant now) {
    for (Iterator<DropIn> all = files.values().iterator(); all.hasNext(); ) {
      DropIn file = all.next();
      if (file.isGoneFor(grace, now)) {
        file.discard(stager);
        all.remove();
      }
    }
  }

  void discardAll() {
    files.values().forEach(file -> file.discard(stager));
    files.clear();
  }

  /// The files that hold each plugin, best first: the newest version; of equals one that is there
  /// before one that is gone, then the one that runs, then by folder and name.
  ///
  /// @param running checksums of the jars that run
  Map<String, List<DropIn>> byPlugin(Collection<String> running) {
    Map<String, List<DropIn>> found = new TreeMap<>();
    for (DropIn file : files.values()) {
      StagedJar jar = file.staged();
      if (jar != null) {
        found.computeIfAbsent(jar.id(), _ -> new ArrayList<>()).add(file);
      }
    }
    Comparator<DropIn> bestFirst =
        Comparator.comparing(DropIns::version, Comparator.reverseOrder())
            .thenComparing(DropIn::isGone)
            .thenComparing(file -> !running.contains(sha256(file)))
            .thenComparingInt(DropIn::folder)
            .thenComparing(DropIn::file);
    found.values().forEach(candidates -> candidates.sort(bestFirst));
    return found;
  }

  private static SemanticVersion version(DropIn file) {
    return file.held().manifest().version();
  }

  private static String sha256(DropIn file) {
    return file.held().sha256();
  }
}
