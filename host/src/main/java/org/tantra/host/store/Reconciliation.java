package org.tantra.host.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;

/// Holds a registry against the folder it describes.
final class Reconciliation {
  /// Key of an entry whose file is being replaced: the entry as it will be.
  private static final String REPLACING = "replacing";

  private final StoreFolder folder;
  private final Collection<String> types;

  /// @param types known model types, which help to read file names
  Reconciliation(StoreFolder folder, Collection<String> types) {
    this.folder = folder;
    this.types = types;
  }

  /// The entry with a note that its file is about to be replaced, so that a crash between file and
  /// registry can be told from damage.
  static WeightEntry replacing(WeightEntry now, WeightEntry next) {
    Map<String, Object> other = new LinkedHashMap<>(now.other());
    other.put(REPLACING, RegistryJson.document(next));
    return now.withOther(other);
  }

  /// The registry with replacements that a crash interrupted brought to an end, and with entries
  /// for files that have none.
  RegistryContent of(RegistryContent content) throws IOException {
    RegistryContent settled = content;
    Set<Path> owned = new HashSet<>();
    for (WeightEntry entry : content.weights().values()) {
      Optional<Path> file = folder.locate(entry);
      if (entry.other().containsKey(REPLACING)) {
        settled = settled.with(settle(entry, file));
      }
      file.ifPresent(owned::add);
    }
    for (Path file : folder.weightFiles()) {
      if (!owned.contains(file)) {
        settled = settled.with(adopted(file, settled));
      }
    }
    return settled;
  }

  private static WeightEntry settle(WeightEntry entry, Optional<Path> file) throws IOException {
    Map<String, Object> other = new LinkedHashMap<>(entry.other());
    Object noted = other.remove(REPLACING);
    WeightEntry before = entry.withOther(other);
    if (!(noted instanceof Map<?, ?> fields) || file.isEmpty()) {
      return before;
    }
    String sha256 = Checksums.of(file.get(), "SHA-256", Progress.NONE, Cancellation.NEVER);
    return sha256.equals(fields.get("sha256"))
        ? RegistryJson.entry(entry.name(), fields).withActive(entry.active())
        : before;
  }

  /// An entry for a file that somebody put there, or that a crash left without one. What it holds
  /// is found out when somebody asks.
  private WeightEntry adopted(Path file, RegistryContent content) throws IOException {
    String fileName = file.getFileName().toString();
    WeightNames.Parts parts = WeightNames.parse(fileName, types);
    String name = WeightNames.stem(fileName);
    return new WeightEntry(
        content.find(name).isEmpty() ? name : fileName,
        folder.shown(file),
        Files.size(file) / WeightEntry.MIB,
        Times.shown(Files.getLastModifiedTime(file).toInstant()),
        parts.type(),
        parts.version(),
        null,
        false,
        null,
        null,
        0,
        "found in Model/weights",
        Map.of());
  }

  /// A registry for the files that are there: with what the last good one said of them. A type of
  /// which nobody says what was active gets its newest.
  RegistryContent rebuilt(Optional<RegistryContent> lastGood) throws IOException {
    RegistryContent content = lastGood.orElse(RegistryContent.EMPTY);
    for (WeightEntry entry : content.weights().values()) {
      if (folder.locate(entry).isEmpty()) {
        content = content.without(entry.name());
      }
    }
    content = of(content);
    if (lastGood.isEmpty()) {
      Set<String> all = new HashSet<>();
      content.weights().values().forEach(entry -> all.add(entry.modelType()));
      for (String type : all) {
        content = content.activated(newest(content, type));
      }
    }
    return content;
  }

  private static WeightEntry newest(RegistryContent content, String type) {
    Comparator<WeightEntry> byTime = Comparator.comparing(Reconciliation::created);
    return content.ofType(type).stream().max(byTime.thenComparing(WeightEntry::name)).orElseThrow();
  }

  private static Instant created(WeightEntry entry) {
    return Times.read(entry.createdAt());
  }
}
