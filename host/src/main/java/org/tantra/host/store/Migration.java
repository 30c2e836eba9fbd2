package org.tantra.host.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;

/// Brings what the earlier system left into the present order. Doing it again changes nothing.
final class Migration {
  /// Single files of the time before versions: where they lay, and what they are now.
  private static final List<Single> SINGLES =
      List.of(
          new Single("tantra_weights.safetensors", "mamba"),
          new Single("tantra_multimodal_weights.safetensors", "mamba_multimodal"));

  private static final String VERSION = "migrated";

  /// @param file name in `Model`
  /// @param type whose weights it holds
  private record Single(String file, String type) {
    String target() {
      return type + "_" + VERSION + ".safetensors";
    }
  }

  private final StoreContext context;
  private final Intake intake;

  Migration(StoreContext context, Intake intake) {
    this.context = context;
    this.intake = intake;
  }

  /// What was done, one sentence for each step; empty if there was nothing to do.
  List<String> run(Progress progress, Cancellation cancellation) throws IOException {
    List<String> steps = new ArrayList<>();
    for (Single single : SINGLES) {
      Path file = context.folder().model().resolve(single.file());
      if (Files.isRegularFile(file)) {
        steps.add(migrated(single, file, progress, cancellation));
      }
    }
    steps.addAll(registered());
    return steps;
  }

  /// The backup is the file itself, moved once its copy is in place: at each moment it is
  /// somewhere.
  private String migrated(Single single, Path file, Progress progress, Cancellation cancellation)
      throws IOException {
    Path target = context.folder().place(single.target());
    Path backup =
        context
            .folder()
            .backups()
            .resolve(
                WeightNames.stem(single.file())
                    + "_"
                    + Times.stamp(context.clock().instant())
                    + ".safetensors");
    boolean there = Files.exists(target);
    if (there && Files.mismatch(target, file) >= 0) {
      return "'%s' was left alone: '%s' is there already and differs."
          .formatted(context.folder().shown(file), context.folder().shown(target));
    }
    if (!there) {
      boolean first = context.registry().read().active(single.type()).isEmpty();
      var _ =
          intake.copy(
              new Intake.Order(
                  single.type(),
                  VERSION,
                  null,
                  single.target(),
                  first,
                  false,
                  "migrate",
                  context.folder().shown(file)),
              file,
              Optional.empty(),
              Optional.empty(),
              progress,
              cancellation);
    }
    Files.createDirectories(context.folder().backups());
    try (RegistryFile.Change change = context.registry().change()) {
      change.write(succeeded(change.content(), file, target), () -> Files.move(file, backup));
    }
    return "'%s' is now '%s', weight '%s' of type '%s'; the original is kept as '%s'."
        .formatted(
            context.folder().shown(file),
            context.folder().shown(target),
            WeightNames.stem(single.target()),
            single.type(),
            context.folder().shown(backup));
  }

  /// Entries of the old file give way to that of the new one, which is active if one of them was.
  private RegistryContent succeeded(RegistryContent content, Path old, Path target) {
    RegistryContent next = content;
    for (WeightEntry entry : content.weights().values()) {
      if (context.folder().locate(entry).filter(old::equals).isPresent()) {
        WeightEntry successor =
            StoreContext.named(content, WeightNames.stem(target.getFileName().toString()));
        next = next.without(entry.name());
        next =
            entry.active() && entry.modelType().equals(successor.modelType())
                ? next.activated(successor, context.now(), WeightEvent.SET_ACTIVE)
                : next;
      }
    }
    return next;
  }

  /// Files without an entry get one, and paths of other machines become paths of this one.
  private List<String> registered() throws IOException {
    List<String> steps = new ArrayList<>();
    Map<String, WeightEntry> known = context.registry().read().weights();
    try (RegistryFile.Change change = context.registry().change()) {
      RegistryContent next = change.content();
      for (WeightEntry entry : change.content().weights().values()) {
        if (!known.containsKey(entry.name())) {
          steps.add("'%s' was registered as '%s'.".formatted(entry.path(), entry.name()));
        }
        Optional<Path> file = context.folder().locate(entry);
        if (file.isPresent() && !context.folder().shown(file.get()).equals(entry.path())) {
          String path = context.folder().shown(file.get());
          steps.add("'%s' lies at '%s', not at '%s'.".formatted(entry.name(), path, entry.path()));
          next = next.with(entry.withPath(path));
        }
      }
      if (!steps.isEmpty()) {
        change.write(next);
      }
    }
    return steps;
  }
}
