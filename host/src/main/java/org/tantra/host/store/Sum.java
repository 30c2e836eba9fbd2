package org.tantra.host.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;

/// What a file's checksum showed.
///
/// @param entry completed if nothing was known before
/// @param checksum which one was compared, [#RECORDED] or [#DIFFERS]
/// @param problem what is wrong, as a sentence
record Sum(WeightEntry entry, String checksum, Optional<String> problem) {
  static final String RECORDED = "recorded";
  static final String DIFFERS = "differs";

  /// SHA-256 if it is known, else MD5; both are computed if neither is.
  static Sum of(WeightEntry entry, Path file, Progress progress, Cancellation cancellation)
      throws IOException {
    if (entry.sha256() != null) {
      String found = Checksums.of(file, "SHA-256", progress, cancellation);
      return compared(entry, file, "sha256", entry.sha256(), found);
    }
    if (entry.checksum() != null) {
      String found = Checksums.of(file, "MD5", progress, cancellation);
      return compared(entry, file, "md5", entry.checksum(), found);
    }
    Checksums sums = Checksums.of(file, progress, cancellation);
    return new Sum(entry.withChecksums(sums), RECORDED, Optional.empty());
  }

  private static Sum compared(
      WeightEntry entry, Path file, String algorithm, String expected, String found) {
    return expected.equals(found)
        ? new Sum(entry, algorithm, Optional.empty())
        : new Sum(entry, DIFFERS, Optional.of(differs(file, algorithm, expected, found)));
  }

  static String differs(Path file, String algorithm, String expected, String found) {
    return "'%s' is not what was registered: %s %s was expected and is %s. It was damaged or replaced; restore a backup or import it again."
        .formatted(file.getFileName(), algorithm, expected, found);
  }

  /// The registry with what was found out about a weight, unless somebody has replaced it
  /// meanwhile.
  static RegistryContent recorded(RegistryContent content, WeightEntry found) {
    Optional<WeightEntry> now = content.find(found.name());
    return now.isPresent()
            && now.get().path().equals(found.path())
            && now.get().createdAt().equals(found.createdAt())
            && now.get().sha256() == null
        ? content.with(found.withActive(now.get().active()))
        : content;
  }
}
