package org.tantra.host.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Progress;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.host.concurrent.AtomicFile;
import org.tantra.host.weights.ActiveWeights;
import org.tantra.host.weights.Conversion;

/// The versioned weights of a home folder: `Model/weights`, `Model/backups` and the registry
/// `Model/weight_config.json`.
///
/// Every change is written beside, synced and renamed, under a lock that other processes respect
/// too; reading takes no lock. A crash at any moment leaves a registry that parses and files that
/// are whole. Safe from several threads.
///
/// Longer than other classes because it is the one door of this package; each method hands over to
/// the class that does the work.
///
/// Errors that every method may throw: `NOT_FOUND` for an unknown type, version or name, with the
/// nearest one; `BUSY` if another process keeps the lock for half a minute; `EXHAUSTED` if the disk
/// is full; `INVALID` if the folder cannot be written; `CANCELLED`.
public final class WeightStore implements ActiveWeights {
  private final StoreContext context;
  private final Intake intake;
  private final Backups backups;
  private final Housekeeping housekeeping;
  private final WeightValidator validator;

  /// @param home the home folder; nothing is made in it before something is changed
  public WeightStore(Path home, StorePlugins plugins, InstantSource clock) {
    StoreFolder folder = new StoreFolder(home);
    this.context =
        new StoreContext(folder, new RegistryFile(folder, plugins::types, clock), plugins, clock);
    this.intake = new Intake(context);
    this.backups = new Backups(context, intake);
    this.housekeeping = new Housekeeping(context);
    this.validator = new WeightValidator(plugins);
  }

  /// Every weight, also files in `Model/weights` that nobody has registered yet.
  public List<WeightEntry> listWeights() {
    return context.doing(
        "The weights cannot be listed",
        () -> List.copyOf(context.registry().reconciled().weights().values()));
  }

  /// The weight of that name.
  public WeightEntry weight(String name) {
    return context.doing(
        "The weights cannot be listed",
        () -> StoreContext.named(context.registry().reconciled(), name));
  }

  /// A type's weight.
  ///
  /// @param version null for the active one
  public WeightEntry weight(String type, @Nullable String version) {
    return context.doing(
        "The weights cannot be listed",
        () -> {
          RegistryContent content = context.registry().reconciled();
          return version == null
              ? StoreContext.active(content, type)
              : StoreContext.of(content, type, version);
        });
  }

  /// The file of a type's weight.
  ///
  /// @param version null for the active one
  public Path weightPath(String type, @Nullable String version) {
    return context.file(weight(type, version));
  }

  /// The file of a weight, if it is there.
  public Optional<Path> file(WeightEntry entry) {
    return context.folder().locate(entry);
  }

  /// Opens a type's weights; the caller closes them.
  ///
  /// @param version null for the active one
  public StorePlugins.Opened loadWeights(String type, @Nullable String version) {
    return context.plugins().open(weightPath(type, version));
  }

  /// The file that a model of that type is served from, if one was chosen and is there. Cheap:
  /// asked for each request.
  @Override
  public Optional<Path> activeFile(String type) {
    try {
      return context.registry().read().active(type).flatMap(context.folder()::locate);
    } catch (IOException e) {
      throw StoreFailure.of("The active weight of '" + type + "' is not known", e);
    }
  }

  /// Writes weights as `Model/weights/<type>_<version>_<format>.<ending>`.
  ///
  /// @param name key in the registry; null for the file name without ending
  /// @param active whether the type is served from them from now on; null if it is served from
  ///   nothing else
  /// @param format `safetensors`, `pt`, `bin`, `npz`, `gguf`, or another one that a plugin writes
  /// @throws TantraException `INVALID` if there is such a weight already; `UNSUPPORTED` if the
  ///   format cannot hold the weights
  public WeightEntry saveWeights(
      WeightSource tensors,
      String type,
      @Nullable String name,
      String version,
      @Nullable Boolean active,
      String format) {
    return save(
        tensors,
        new Saving(type, name, version, active, format, false, "saved"),
        Conversion.Listener.NONE,
        Cancellation.NEVER);
  }

  /// How weights are saved; see [#saveWeights].
  ///
  /// @param replace whether a weight of that name may go
  /// @param source where they came from, for people
  public record Saving(
      String type,
      @Nullable String name,
      String version,
      @Nullable Boolean active,
      String format,
      boolean replace,
      String source) {}

  /// As [#saveWeights], with progress.
  public WeightEntry save(
      WeightSource tensors,
      Saving saving,
      Conversion.Listener listener,
      Cancellation cancellation) {
    StorePlugins.Target target = context.plugins().target(saving.format());
    return context.doing(
        "Weight '%s' %s was not saved".formatted(saving.type(), saving.version()),
        () ->
            intake.write(
                new Intake.Order(
                    saving.type(),
                    saving.version(),
                    saving.name(),
                    WeightNames.fileName(saving.type(), saving.version(), target.ending()),
                    saving.active(),
                    saving.replace(),
                    "save",
                    saving.source()),
                tensors,
                target.format(),
                listener,
                cancellation));
  }

  /// Takes a file from elsewhere into the store, bit for bit, with the `config.json` beside it.
  ///
  /// @param saving its format says how the file is called; null for the source's ending
  public WeightEntry importWeights(
      Path file, Importing saving, Progress progress, Cancellation cancellation) {
    String ending =
        saving.ending() != null
            ? saving.ending()
            : WeightNames.ending(String.valueOf(file.getFileName()));
    Path config = file.resolveSibling("config.json");
    return context.doing(
        "'%s' was not imported".formatted(file),
        () ->
            intake.copy(
                new Intake.Order(
                    saving.type(),
                    saving.version(),
                    saving.name(),
                    WeightNames.fileName(saving.type(), saving.version(), ending),
                    saving.active(),
                    saving.replace(),
                    "import",
                    file.toAbsolutePath().toString()),
                file,
                Files.isRegularFile(config) ? Optional.of(config) : Optional.empty(),
                Optional.empty(),
                progress,
                cancellation));
  }

  /// How a file is imported; see [#saveWeights].
  ///
  /// @param ending of the new file; null for that of the source
  public record Importing(
      String type,
      @Nullable String name,
      String version,
      @Nullable Boolean active,
      @Nullable String ending,
      boolean replace) {}

  /// Copies a weight to a file elsewhere, checked against its checksum on the way.
  ///
  /// @param target a folder, or a file that is replaced if it is there
  /// @return the file
  public Path exportWeights(
      WeightEntry entry, Path target, Progress progress, Cancellation cancellation) {
    return context.doing(
        "Weight '%s' was not exported".formatted(entry.name()),
        () -> {
          Path file = context.file(entry);
          Path to = Files.isDirectory(target) ? target.resolve(file.getFileName()) : target;
          AtomicFile.write(
              to,
              channel ->
                  Intake.requireSame(
                      file, entry, Checksums.copy(file, channel, progress, cancellation)));
          return to;
        });
  }

  /// A change of what is active.
  ///
  /// @param entry active now
  /// @param previous active before; null if none was
  public record Activation(WeightEntry entry, @Nullable WeightEntry previous) {}

  /// Makes a weight the active one of its type; hosts that serve the type follow.
  ///
  /// @throws TantraException `CORRUPT` if its header cannot be read, or its names and shapes are
  ///   not those of the model
  public Activation setActive(String name) {
    return activate(weight(name), WeightEvent.SET_ACTIVE);
  }

  /// As [#setActive(String)]; of several formats of a version the one that is active, else a mapped
  /// one.
  public Activation setActive(String type, String version) {
    return activate(weight(type, version), WeightEvent.SET_ACTIVE);
  }

  private Activation activate(WeightEntry entry, String operation) {
    Validation glance = validator.glance(entry, context.file(entry));
    if (!glance.valid()) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "'%s' was not made active: %s"
              .formatted(entry.name(), String.join(" ", glance.problems())));
    }
    return context.doing(
        "'%s' was not made active".formatted(entry.name()),
        () -> {
          try (RegistryFile.Change change = context.registry().change()) {
            WeightEntry now = StoreContext.named(change.content(), entry.name());
            Optional<WeightEntry> previous = change.content().active(now.modelType());
            var _ = context.file(now);
            change.write(change.content().activated(now, context.now(), operation));
            return new Activation(now.withActive(true), previous.orElse(null));
          }
        });
  }

  /// Makes the weight active that was so before the present one; again, the one before that.
  ///
  /// @throws TantraException `NOT_FOUND` if none was, or none is left
  public Activation rollback(String type) {
    List<WeightEntry> before =
        context.doing(
            "'" + type + "' was not rolled back",
            () -> {
              RegistryContent content = context.registry().reconciled();
              var _ = StoreContext.requireType(content, type);
              return content.activeBefore(type);
            });
    WeightEntry target =
        before.stream()
            .filter(entry -> file(entry).isPresent())
            .findFirst()
            .orElseThrow(
                () ->
                    new TantraException(
                        ErrorKind.NOT_FOUND,
                        "There is nothing to roll '%s' back to: no other weight of it was active before, or none is left. 'history %s' lists what was."
                            .formatted(type, type)));
    return activate(target, WeightEvent.ROLLBACK);
  }

  /// Copies a weight to `Model/backups`.
  public Backup backup(WeightEntry entry, Progress progress, Cancellation cancellation) {
    return context.doing(
        "'%s' was not backed up".formatted(entry.name()),
        () -> backups.make(entry, progress, cancellation));
  }

  /// Copies a type's weight to `Model/backups`.
  ///
  /// @param version null for the active one
  public Backup backup(String type, @Nullable String version) {
    return backup(weight(type, version), Progress.NONE, Cancellation.NEVER);
  }

  /// Every backup, the newest first.
  public List<Backup> backups() {
    return context.doing("The backups cannot be listed", backups::list);
  }

  /// What a restore did.
  ///
  /// @param saved the backup of what was there before, if it was another file
  public record Restored(WeightEntry entry, Optional<Backup> saved) {}

  /// Puts a backup back in its place, checked against its checksum. What is there meanwhile is
  /// backed up first if it differs.
  ///
  /// @param name of the backup, or of a weight for its newest one
  /// @param activate whether it becomes active; otherwise it is what the weight there was before
  public Restored restore(
      String name, boolean activate, Progress progress, Cancellation cancellation) {
    return context.doing(
        "'%s' was not restored".formatted(name),
        () -> backups.restore(backups.find(name), activate, progress, cancellation));
  }

  /// Deletes all weights of a type but the newest and the active one.
  ///
  /// @param keep how many of the newest stay
  /// @param dryRun whether to say only what would go
  public List<Removal> cleanup(String type, int keep, boolean dryRun) {
    if (keep < 0) {
      throw new TantraException(
              ErrorKind.INVALID, "%d weights cannot be kept; name 0 or more.".formatted(keep))
          .about("keep");
    }
    return context.doing(
        "'%s' was not cleaned up".formatted(type), () -> housekeeping.cleanup(type, keep, dryRun));
  }

  /// Looks through a type's weight: readable, checksum, names and shapes against the model's
  /// configuration, finite values. What was found out for the first time is recorded.
  ///
  /// @param version null for the active one
  public Validation validate(String type, @Nullable String version) {
    return validate(weight(type, version), Progress.NONE, Cancellation.NEVER);
  }

  /// As [#validate(String, String)], of one weight.
  public Validation validate(WeightEntry entry, Progress progress, Cancellation cancellation) {
    return context.doing(
        "'%s' was not validated".formatted(entry.name()),
        () -> {
          Validation found = validator.validate(entry, context.file(entry), progress, cancellation);
          if (found.checksum().equals(Sum.RECORDED) && found.valid()) {
            try (RegistryFile.Change change = context.registry().change()) {
              change.write(Sum.recorded(change.content(), found.entry()));
            }
          }
          return found;
        });
  }

  /// Compares every file with its checksum; records those that were not known.
  public List<Scrub> verify(Progress progress, Cancellation cancellation) {
    return context.doing(
        "The store was not verified", () -> housekeeping.verify(progress, cancellation));
  }

  /// Takes away what crashes left, and entries whose file is gone.
  ///
  /// @param dryRun whether to say only what would go
  public List<Removal> gc(boolean dryRun) {
    return context.doing("The store was not tidied", () -> housekeeping.collect(dryRun));
  }

  /// Brings what the earlier system left into the present order.
  ///
  /// @return what was done, one sentence for each step; empty if there was nothing to do
  public List<String> migrate(Progress progress, Cancellation cancellation) {
    return context.doing(
        "The migration did not end",
        () -> new Migration(context, intake).run(progress, cancellation));
  }

  /// What was done, the newest first.
  ///
  /// @param type null for all
  public List<WeightEvent> history(@Nullable String type) {
    return context.doing(
        "The history cannot be read",
        () ->
            context.registry().read().history().reversed().stream()
                .filter(event -> type == null || event.modelType().equals(type))
                .toList());
  }
}
