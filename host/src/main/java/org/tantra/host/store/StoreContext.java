package org.tantra.host.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.config.Nearest;

/// What the store's operations share.
///
/// @param folder where the files lie
/// @param registry what is said of them
/// @param plugins who reads and writes them
/// @param clock what time it is
record StoreContext(
    StoreFolder folder, RegistryFile registry, StorePlugins plugins, InstantSource clock) {
  /// The newest first; what has no readable date last.
  static final Comparator<WeightEntry> NEWEST_FIRST =
      Comparator.comparing((WeightEntry entry) -> Times.read(entry.createdAt()))
          .reversed()
          .thenComparing(WeightEntry::name);

  /// One step of an operation, which may find the disk failing.
  interface Work<T> {
    T run() throws IOException;
  }

  /// @param what what was not done if it fails, as the beginning of a sentence
  <T> T doing(String what, Work<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      throw StoreFailure.of(what, e);
    }
  }

  String now() {
    return Times.shown(clock.instant());
  }

  /// The entry of that name, or whose file has it.
  ///
  /// @throws TantraException `NOT_FOUND` with the nearest name
  static WeightEntry named(RegistryContent content, String name) {
    return content
        .find(name)
        .or(
            () ->
                content.weights().values().stream()
                    .filter(entry -> WeightNames.fileName(entry.path()).equals(name))
                    .findFirst())
        .orElseThrow(() -> unknownName(content, name));
  }

  private static TantraException unknownName(RegistryContent content, String name) {
    Set<String> names = content.weights().keySet();
    return new TantraException(
            ErrorKind.NOT_FOUND,
            "There is no weight '%s' in the store. %s".formatted(name, hint(name, names)))
        .about("name");
  }

  /// The entry of that type and version: of several formats the active one, else a mapped one, else
  /// the newest.
  ///
  /// @throws TantraException `NOT_FOUND` with what there is
  static WeightEntry of(RegistryContent content, String type, String version) {
    List<WeightEntry> ofType = requireType(content, type);
    return ofType.stream()
        .filter(entry -> entry.version().equals(version))
        .min(
            Comparator.comparing((WeightEntry entry) -> !entry.active())
                .thenComparing(entry -> !entry.path().endsWith(".safetensors"))
                .thenComparing(NEWEST_FIRST))
        .orElseThrow(() -> unknownVersion(ofType, type, version));
  }

  private static TantraException unknownVersion(
      List<WeightEntry> ofType, String type, String version) {
    Set<String> versions = new TreeSet<>();
    ofType.forEach(entry -> versions.add(entry.version()));
    return new TantraException(
            ErrorKind.NOT_FOUND,
            "Type '%s' has no version '%s'. %s".formatted(type, version, hint(version, versions)))
        .about("version");
  }

  /// The active entry of a type.
  ///
  /// @throws TantraException `NOT_FOUND` if there is none
  static WeightEntry active(RegistryContent content, String type) {
    requireType(content, type);
    return content
        .active(type)
        .orElseThrow(
            () ->
                new TantraException(
                    ErrorKind.NOT_FOUND,
                    "No weight of '%s' is active. Choose one with 'set-active %s VERSION'."
                        .formatted(type, type)));
  }

  static List<WeightEntry> requireType(RegistryContent content, String type) {
    List<WeightEntry> ofType = content.ofType(type);
    if (ofType.isEmpty()) {
      Set<String> types = new TreeSet<>();
      content.weights().values().forEach(entry -> types.add(entry.modelType()));
      throw new TantraException(
              ErrorKind.NOT_FOUND,
              "The store has no weights of type '%s'. %s".formatted(type, hint(type, types)))
          .about("type");
    }
    return ofType;
  }

  private static String hint(String word, Set<String> known) {
    return Nearest.to(word, known)
        .map(near -> "Did you mean '" + near + "'?")
        .orElseGet(
            () ->
                known.isEmpty()
                    ? "It is empty; import a file with 'weights import FILE --type TYPE --version"
                        + " V'."
                    : "There is: " + String.join(", ", known.stream().limit(20).toList()) + ".");
  }

  /// The entry's file.
  ///
  /// @throws TantraException `NOT_FOUND` if it is gone
  Path file(WeightEntry entry) {
    Optional<Path> file = folder.locate(entry);
    return file.orElseThrow(
        () ->
            new TantraException(
                ErrorKind.NOT_FOUND,
                "The file of weight '%s' is missing: nothing at '%s', and no '%s' in '%s'. Copy it there, restore a backup, or forget the entry with 'gc'."
                    .formatted(
                        entry.name(),
                        entry.path(),
                        WeightNames.fileName(entry.path()),
                        folder.shown(folder.weights()))));
  }

  /// What a weight is by now, if somebody has replaced it since it was looked up: a checksum that
  /// differs then says nothing.
  Optional<WeightEntry> replaced(WeightEntry entry) throws IOException {
    return registry
        .reconciled()
        .find(entry.name())
        .filter(
            now ->
                !Objects.equals(now.sha256(), entry.sha256())
                    || !Objects.equals(now.checksum(), entry.checksum()));
  }
}
