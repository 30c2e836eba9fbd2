package org.tantra.host.store;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the registry says of one weight file.
///
/// @param name its key in the registry, usually the file name without ending
/// @param path where the file is said to lie: relative to the home folder, or as another machine
///   wrote it
/// @param sizeMb size in MiB; earlier registries round it
/// @param createdAt ISO-8601
/// @param modelType whose weights
/// @param version free text such as `v1.0`
/// @param checksum MD5 in hex; null if nobody has computed it
/// @param active whether the type is served from this one
/// @param format id of the weight format; null if not known yet
/// @param sha256 in hex; null in registries of the earlier system
/// @param parameters how many numbers; 0 if not known yet
/// @param source where it came from, for people; null if not known
/// @param other entries that this host does not know, kept as they are
public record WeightEntry(
    String name,
    String path,
    double sizeMb,
    String createdAt,
    String modelType,
    String version,
    @Nullable String checksum,
    boolean active,
    @Nullable String format,
    @Nullable String sha256,
    long parameters,
    @Nullable String source,
    Map<String, Object> other) {
  static final double MIB = 1 << 20;

  public WeightEntry {
    requireNonNull(name, "name");
    requireNonNull(path, "path");
    requireNonNull(createdAt, "createdAt");
    requireNonNull(modelType, "modelType");
    requireNonNull(version, "version");
    other = Collections.unmodifiableMap(new LinkedHashMap<>(other));
  }

  /// Size in bytes, exact if this host wrote the entry.
  public long bytes() {
    return Math.round(sizeMb * MIB);
  }

  /// Everything known of it, under the names that the registry uses.
  public Map<String, Object> fields() {
    return RegistryJson.document(this);
  }

  WeightEntry withActive(boolean now) {
    return new WeightEntry(
        name,
        path,
        sizeMb,
        createdAt,
        modelType,
        version,
        checksum,
        now,
        format,
        sha256,
        parameters,
        source,
        other);
  }

  WeightEntry withPath(String now) {
    return new WeightEntry(
        name,
        now,
        sizeMb,
        createdAt,
        modelType,
        version,
        checksum,
        active,
        format,
        sha256,
        parameters,
        source,
        other);
  }

  WeightEntry withChecksums(Checksums sums) {
    return new WeightEntry(
        name,
        path,
        sums.bytes() / MIB,
        createdAt,
        modelType,
        version,
        sums.md5(),
        active,
        format,
        sums.sha256(),
        parameters,
        source,
        other);
  }

  WeightEntry withContent(@Nullable String formatNow, long parametersNow) {
    return new WeightEntry(
        name,
        path,
        sizeMb,
        createdAt,
        modelType,
        version,
        checksum,
        active,
        formatNow,
        sha256,
        parametersNow,
        source,
        other);
  }

  WeightEntry withOther(Map<String, Object> now) {
    return new WeightEntry(
        name,
        path,
        sizeMb,
        createdAt,
        modelType,
        version,
        checksum,
        active,
        format,
        sha256,
        parameters,
        source,
        now);
  }
}
