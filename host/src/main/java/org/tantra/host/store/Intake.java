package org.tantra.host.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Progress;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.host.concurrent.AtomicFile;
import org.tantra.host.weights.Conversion;

/// Brings weights into the store: written beside, synced and measured without any lock, then given
/// their place and their entry in one step.
final class Intake {
  private final StoreContext context;

  Intake(StoreContext context) {
    this.context = context;
  }

  /// What comes in.
  ///
  /// @param name key in the registry; null for the file name without ending
  /// @param fileName in `Model/weights`
  /// @param activate true to make it active; null to do so if the type is served from nothing else
  /// @param replace whether a weight of that name may go
  /// @param operation for the history
  /// @param source for people
  record Order(
      String type,
      String version,
      @Nullable String name,
      String fileName,
      @Nullable Boolean activate,
      boolean replace,
      String operation,
      String source) {
    Order {
      WeightNames.requireWord("type", type);
      WeightNames.requireWord("version", version);
      WeightNames.requireWord("file name", fileName);
    }

    String key() {
      return name == null || name.isBlank() ? WeightNames.stem(fileName) : name;
    }
  }

  /// Writes weights in a format.
  ///
  /// @param format its id
  WeightEntry write(
      Order order,
      WeightSource weights,
      String format,
      Conversion.Listener listener,
      Cancellation cancellation)
      throws IOException {
    requireFree(order, context.registry().reconciled());
    try (StagedFile staged = StagedFile.in(context.folder().weights(), order.fileName())) {
      context.plugins().write(weights, staged.path(), format, listener, cancellation);
      Checksums sums = Checksums.of(staged.path(), Progress.NONE, cancellation);
      try (StorePlugins.Opened opened = context.plugins().open(staged.path())) {
        return put(order, staged, sums, opened, OwnConfig.lost(weights, opened.weights()));
      }
    }
  }

  /// Copies a file as it is.
  ///
  /// @param config the `config.json` that belongs to it, if there is one
  /// @param expected an entry whose checksums the file must have, if there is one
  WeightEntry copy(
      Order order,
      Path file,
      Optional<Path> config,
      Optional<WeightEntry> expected,
      Progress progress,
      Cancellation cancellation)
      throws IOException {
    // Before gigabytes are copied for nothing; it is asked again once the lock is held.
    requireFree(order, context.registry().reconciled());
    try (StorePlugins.Opened opened = context.plugins().open(file);
        StagedFile staged = StagedFile.in(context.folder().weights(), order.fileName())) {
      Checksums sums = staged.copy(file, progress, cancellation);
      if (expected.isPresent()) {
        requireSame(file, expected.get(), sums);
      }
      Optional<byte[]> text =
          config.isPresent() ? Optional.of(Files.readAllBytes(config.get())) : Optional.empty();
      return put(order, staged, sums, opened, text);
    }
  }

  /// Whether the checksums that are known are those.
  static boolean same(WeightEntry expected, Checksums sums) {
    String sha256 = expected.sha256();
    String md5 = expected.checksum();
    return sha256 != null ? sha256.equals(sums.sha256()) : md5 == null || md5.equals(sums.md5());
  }

  /// @throws TantraException `CORRUPT` if the checksums that are known are not those
  static void requireSame(Path file, WeightEntry expected, Checksums sums) {
    String sha256 = expected.sha256();
    String md5 = expected.checksum();
    if (sha256 != null && !sha256.equals(sums.sha256())) {
      throw corrupt(Sum.differs(file, "sha256", sha256, sums.sha256()));
    }
    if (sha256 == null && md5 != null && !md5.equals(sums.md5())) {
      throw corrupt(Sum.differs(file, "md5", md5, sums.md5()));
    }
  }

  private static TantraException corrupt(String message) {
    return new TantraException(ErrorKind.CORRUPT, message).withCode("checksum");
  }

  private void requireFree(Order order, RegistryContent content) {
    Path target = context.folder().place(order.fileName());
    if (!order.replace() && (content.find(order.key()).isPresent() || Files.exists(target))) {
      throw new TantraException(
          ErrorKind.INVALID,
          "Weight '%s' is there already ('%s'). Name another version, or replace it with --force."
              .formatted(order.key(), context.folder().shown(target)));
    }
    content
        .find(order.key())
        .filter(entry -> !entry.modelType().equals(order.type()))
        .ifPresent(
            entry -> {
              throw new TantraException(
                  ErrorKind.INVALID,
                  "The name '%s' belongs to a weight of type '%s'. Use another name."
                      .formatted(entry.name(), entry.modelType()));
            });
  }

  private WeightEntry put(
      Order order,
      StagedFile staged,
      Checksums sums,
      StorePlugins.Opened opened,
      Optional<byte[]> config)
      throws IOException {
    Path target = context.folder().place(order.fileName());
    long parameters =
        opened.weights().tensors().stream().mapToLong(it -> it.shape().elements()).sum();
    try (RegistryFile.Change change = context.registry().change()) {
      RegistryContent content = change.content();
      requireFree(order, content);
      Optional<WeightEntry> before = content.find(order.key());
      boolean activate =
          order.activate() != null ? order.activate() : !servedOtherwise(order.type(), content);
      WeightEntry entry =
          new WeightEntry(
              order.key(),
              context.folder().shown(target),
              sums.bytes() / WeightEntry.MIB,
              context.now(),
              order.type(),
              order.version(),
              sums.md5(),
              before.map(WeightEntry::active).orElse(false),
              opened.format(),
              sums.sha256(),
              parameters,
              order.source(),
              before.map(WeightEntry::other).orElse(Map.of()));
      if (before.isPresent()) {
        change.write(content.with(Reconciliation.replacing(before.get(), entry)));
      }
      share(staged, sums, content, target);
      RegistryContent next =
          content.with(entry).after(context.now(), order.operation(), entry, null);
      if (activate) {
        next = next.activated(entry, context.now(), WeightEvent.SET_ACTIVE);
      }
      change.write(
          next,
          () -> {
            if (config.isPresent()) {
              AtomicFile.write(OwnConfig.file(target), config.get());
            } else {
              Files.deleteIfExists(OwnConfig.file(target));
            }
            staged.moveTo(target);
          });
      return change.content().find(entry.name()).orElseThrow();
    }
  }

  private boolean servedOtherwise(String type, RegistryContent content) {
    return content.active(type).isPresent()
        || Files.isDirectory(context.folder().model().resolve(type));
  }

  /// Equal files are stored once: the new name becomes a second name of the bytes that are there.
  private void share(StagedFile staged, Checksums sums, RegistryContent content, Path target)
      throws IOException {
    for (WeightEntry entry : content.weights().values()) {
      Optional<Path> same =
          sums.sha256().equals(entry.sha256()) ? context.folder().locate(entry) : Optional.empty();
      if (same.isPresent()
          && context.folder().owns(same.get())
          && !same.get().equals(target)
          && Files.mismatch(same.get(), staged.path()) < 0) {
        try (StagedFile link = StagedFile.in(context.folder().weights(), "shared")) {
          if (link.link(same.get())) {
            Files.move(
                link.path(),
                staged.path(),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
          }
        }
        return;
      }
    }
  }
}
