package org.tantra.host.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Progress;
import org.tantra.api.TantraException;
import org.tantra.host.concurrent.AtomicFile;
import org.tantra.host.config.Nearest;

/// Copies of weights in `Model/backups`: `<file name>_<time>.<ending>`, with the registry's entry
/// beside each as `.json`. Copies of the earlier system have none and are understood by their
/// names. A copy is never a second name of the same bytes: whoever writes into a weight file must
/// not reach its backup.
final class Backups {
  private static final String ENTRY = ".json";

  /// What follows the weight's own name, in our spelling or another's.
  private static final Pattern STAMP =
      Pattern.compile("[_.-](backup[_.-])?\\d{8}[-_T]?\\d{6}([-_.]\\d+)?(-\\d+)?$");

  private final StoreContext context;
  private final Intake intake;

  Backups(StoreContext context, Intake intake) {
    this.context = context;
    this.intake = intake;
  }

  /// Copies a weight.
  ///
  /// @throws TantraException `CORRUPT` if it is not what was registered
  Backup make(WeightEntry entry, Progress progress, Cancellation cancellation) throws IOException {
    Path file = context.file(entry);
    Path folder = context.folder().backups();
    String fileName = file.getFileName().toString();
    try (StagedFile staged = StagedFile.in(folder, fileName)) {
      Checksums sums = staged.copy(file, progress, cancellation);
      Optional<WeightEntry> replaced = context.replaced(entry);
      if (replaced.isPresent() && !Intake.same(entry, sums)) {
        return make(replaced.get(), progress, cancellation);
      }
      Intake.requireSame(file, entry, sums);
      WeightEntry copied = entry.withChecksums(sums);
      try (RegistryFile.Change change = context.registry().change()) {
        Path target = free(folder, fileName);
        copyConfig(file, target);
        AtomicFile.write(beside(target), RegistryJson.text(copied));
        RegistryContent next = change.content();
        // What was not known before is known now.
        if (next.find(entry.name()).filter(it -> it.sha256() == null).isPresent()) {
          next = next.with(entry.withChecksums(sums));
        }
        change.write(next.after(context.now(), "backup", entry, null), () -> staged.moveTo(target));
        return new Backup(target.getFileName().toString(), target, copied, sums.bytes());
      }
    }
  }

  private static void copyConfig(Path from, Path to) throws IOException {
    try {
      AtomicFile.write(OwnConfig.file(to), Files.readAllBytes(OwnConfig.file(from)));
    } catch (NoSuchFileException _) {
      // most carry it in themselves
    }
  }

  private Path free(Path folder, String fileName) {
    String stem = WeightNames.stem(fileName) + "_" + Times.stamp(context.clock().instant());
    String ending = fileName.substring(WeightNames.stem(fileName).length());
    Path target = folder.resolve(stem + ending);
    for (int i = 1; Files.exists(target); i++) {
      target = folder.resolve(stem + "-" + i + ending);
    }
    return target;
  }

  private static Path beside(Path backup) {
    return backup.resolveSibling(backup.getFileName() + ENTRY);
  }

  /// All of them, the newest first.
  List<Backup> list() throws IOException {
    List<Backup> backups = new ArrayList<>();
    for (Path file : StoreFolder.files(context.folder().backups())) {
      String name = file.getFileName().toString();
      if (WeightNames.isWeightFile(name)) {
        backups.add(new Backup(name, file, entry(file), Files.size(file)));
      }
    }
    backups.sort(Comparator.comparing(Backups::stamp).reversed().thenComparing(Backup::name));
    return backups;
  }

  private static String stamp(Backup backup) {
    var matcher = STAMP.matcher(WeightNames.stem(backup.name()));
    return matcher.find() ? matcher.group() : "";
  }

  private WeightEntry entry(Path file) throws IOException {
    try {
      return RegistryJson.parseEntry(Files.readAllBytes(beside(file)));
    } catch (NoSuchFileException | RegistryJson.Damaged _) {
      String name = file.getFileName().toString();
      String original =
          STAMP.matcher(WeightNames.stem(name)).replaceFirst("") + "." + WeightNames.ending(name);
      WeightNames.Parts parts = WeightNames.parse(original, context.plugins().types());
      return new WeightEntry(
          WeightNames.stem(original),
          context.folder().shown(context.folder().place(original)),
          Files.size(file) / WeightEntry.MIB,
          Times.shown(Files.getLastModifiedTime(file).toInstant()),
          parts.type(),
          parts.version(),
          null,
          false,
          null,
          null,
          0,
          null,
          Map.of());
    }
  }

  /// The backup of that name, or the newest of the weight of that name.
  ///
  /// @throws TantraException `NOT_FOUND` with the nearest name
  Backup find(String name) throws IOException {
    List<Backup> all = list();
    return all.stream()
        .filter(backup -> backup.name().equals(name))
        .findFirst()
        .or(() -> all.stream().filter(it -> it.entry().name().equals(name)).findFirst())
        .orElseThrow(() -> unknown(name, all));
  }

  private static TantraException unknown(String name, List<Backup> all) {
    Set<String> names = new TreeSet<>();
    all.forEach(
        backup -> {
          names.add(backup.name());
          names.add(backup.entry().name());
        });
    String hint =
        Nearest.to(name, names)
            .map(near -> "Did you mean '" + near + "'?")
            .orElse(
                names.isEmpty()
                    ? "There are none; make one with 'backup'."
                    : "'restore' without a name lists them.");
    return new TantraException(
            ErrorKind.NOT_FOUND, "There is no backup '%s'. %s".formatted(name, hint))
        .about("name");
  }

  /// Puts a backup back where it came from. What is there meanwhile is backed up first if it
  /// differs.
  WeightStore.Restored restore(
      Backup backup, boolean activate, Progress progress, Cancellation cancellation)
      throws IOException {
    WeightEntry entry = backup.entry();
    String fileName = WeightNames.fileName(entry.path());
    Optional<WeightEntry> there = context.registry().reconciled().find(entry.name());
    Optional<Path> present = there.flatMap(context.folder()::locate);
    Optional<Backup> saved = Optional.empty();
    if (present.isPresent() && Files.mismatch(present.get(), backup.file()) >= 0) {
      saved = Optional.of(saveWhatIsThere(there.get(), present.get(), progress, cancellation));
    }
    Path config = OwnConfig.file(backup.file());
    WeightEntry restored =
        intake.copy(
            new Intake.Order(
                entry.modelType(),
                entry.version().isEmpty() ? "restored" : entry.version(),
                entry.name(),
                fileName,
                activate ? Boolean.TRUE : null,
                true,
                "restore",
                "backup " + backup.name()),
            backup.file(),
            Files.isRegularFile(config) ? Optional.of(config) : Optional.empty(),
            Optional.of(entry),
            progress,
            cancellation);
    return new WeightStore.Restored(restored, saved);
  }

  /// Whatever it is by now, damaged or not.
  private Backup saveWhatIsThere(
      WeightEntry entry, Path file, Progress progress, Cancellation cancellation)
      throws IOException {
    return make(
        entry.withChecksums(Checksums.of(file, Progress.NONE, cancellation)),
        progress,
        cancellation);
  }
}
