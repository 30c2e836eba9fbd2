package org.tantra.host.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;

/// Takes away what is not needed, and looks at what is. A file goes after its entry: a crash in
/// between leaves a file that is registered again, never an entry without a file.
final class Housekeeping {
  /// Nobody writes a file for that long without touching it.
  private static final Duration LEFTOVER_AGE = Duration.ofHours(1);

  private final StoreContext context;

  Housekeeping(StoreContext context) {
    this.context = context;
  }

  /// All but the newest weights of a type and the active one.
  ///
  /// @param dryRun whether to say only what would go
  List<Removal> cleanup(String type, int keep, boolean dryRun) throws IOException {
    if (dryRun) {
      return removable(context.registry().reconciled(), type, keep).stream()
          .map(this::removal)
          .toList();
    }
    try (RegistryFile.Change change = context.registry().change()) {
      List<WeightEntry> going = removable(change.content(), type, keep);
      List<Removal> removals = going.stream().map(this::removal).toList();
      List<Path> files = new ArrayList<>();
      RegistryContent next = change.content();
      for (WeightEntry entry : going) {
        context.folder().locate(entry).filter(context.folder()::owns).ifPresent(files::add);
        next = next.without(entry.name()).after(context.now(), "cleanup", entry, null);
      }
      if (!going.isEmpty()) {
        change.write(next);
      }
      for (Path file : files) {
        Files.deleteIfExists(file);
        Files.deleteIfExists(OwnConfig.file(file));
      }
      return removals;
    }
  }

  private static List<WeightEntry> removable(RegistryContent content, String type, int keep) {
    return StoreContext.requireType(content, type).stream()
        .sorted(StoreContext.NEWEST_FIRST)
        .skip(keep)
        .filter(entry -> !entry.active())
        .toList();
  }

  private Removal removal(WeightEntry entry) {
    Optional<Path> file = context.folder().locate(entry).filter(context.folder()::owns);
    return new Removal(
        entry.name(), "weight", file.map(context.folder()::shown).orElse(""), size(file));
  }

  private static long size(Optional<Path> file) {
    try {
      return file.isPresent() ? Files.size(file.get()) : 0;
    } catch (IOException _) {
      return 0; // gone meanwhile
    }
  }

  /// What crashes left, and entries whose file is gone.
  List<Removal> collect(boolean dryRun) throws IOException {
    List<Path> leftovers = leftovers();
    List<Removal> removals = new ArrayList<>();
    for (Path file : leftovers) {
      removals.add(
          new Removal(
              file.getFileName().toString(),
              "leftover",
              context.folder().shown(file),
              size(Optional.of(file))));
    }
    if (dryRun) {
      lost(context.registry().reconciled()).forEach(entry -> removals.add(forgotten(entry)));
      return removals;
    }
    try (RegistryFile.Change change = context.registry().change()) {
      List<WeightEntry> lost = lost(change.content());
      RegistryContent next = change.content();
      for (WeightEntry entry : lost) {
        removals.add(forgotten(entry));
        next = next.without(entry.name()).after(context.now(), "gc", entry, null);
      }
      if (!lost.isEmpty()) {
        change.write(next);
      }
      for (Path file : leftovers) {
        Files.deleteIfExists(file);
      }
    }
    return removals;
  }

  private List<WeightEntry> lost(RegistryContent content) {
    return content.weights().values().stream()
        .filter(entry -> context.folder().locate(entry).isEmpty())
        .toList();
  }

  private static Removal forgotten(WeightEntry entry) {
    return new Removal(entry.name(), "entry", "", 0);
  }

  private List<Path> leftovers() throws IOException {
    Instant before = context.clock().instant().minus(LEFTOVER_AGE);
    StoreFolder folder = context.folder();
    List<Path> found = new ArrayList<>();
    for (Path place : List.of(folder.model(), folder.weights(), folder.backups())) {
      for (Path file : StoreFolder.files(place)) {
        if (isLeftover(file, before)) {
          found.add(file);
        }
      }
    }
    for (Path file :
        StoreFolder.files(folder.backups())) { // what belongs to a backup that never was
      String name = file.getFileName().toString();
      boolean orphan =
          name.endsWith(".json")
              && WeightNames.isWeightFile(WeightNames.stem(name))
              && !Files.exists(file.resolveSibling(WeightNames.stem(name)));
      if (orphan && older(file, before)) {
        found.add(file);
      }
    }
    return found;
  }

  private static boolean isLeftover(Path file, Instant before) throws IOException {
    return StagedFile.isLeftover(file.getFileName().toString()) && older(file, before);
  }

  private static boolean older(Path file, Instant before) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(before);
    } catch (NoSuchFileException _) {
      return false; // it got its name meanwhile
    }
  }

  /// Reads every file and compares its checksum; records those that were not known.
  List<Scrub> verify(Progress progress, Cancellation cancellation) throws IOException {
    List<Scrub> scrubs = new ArrayList<>();
    for (WeightEntry entry : context.registry().reconciled().weights().values()) {
      progress.stage(entry.name());
      scrubs.add(scrub(entry, progress, cancellation));
    }
    record(scrubs);
    return scrubs;
  }

  private Scrub scrub(WeightEntry entry, Progress progress, Cancellation cancellation)
      throws IOException {
    Optional<Path> file = context.folder().locate(entry);
    if (file.isEmpty()) {
      return new Scrub(entry, Scrub.State.MISSING, "nothing at '" + entry.path() + "'");
    }
    Sum sum = Sum.of(entry, file.get(), progress, cancellation);
    Scrub.State state =
        sum.problem().isPresent()
            ? Scrub.State.DIFFERS
            : sum.checksum().equals(Sum.RECORDED) ? Scrub.State.RECORDED : Scrub.State.SOUND;
    return new Scrub(sum.entry(), state, sum.problem().orElse(""));
  }

  private void record(List<Scrub> scrubs) throws IOException {
    List<Scrub> fresh =
        scrubs.stream().filter(scrub -> scrub.state() == Scrub.State.RECORDED).toList();
    if (fresh.isEmpty()) {
      return;
    }
    try (RegistryFile.Change change = context.registry().change()) {
      RegistryContent next = change.content();
      for (Scrub scrub : fresh) {
        next = Sum.recorded(next, scrub.entry());
      }
      change.write(next);
    }
  }
}
