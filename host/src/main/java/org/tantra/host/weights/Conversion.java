package org.tantra.host.weights;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.OpenOptions;
import org.tantra.api.tensor.DType;

/// What to convert into what.
///
/// @param from a weight file or shard index
/// @param options what is known about `from`
/// @param to the file to write; replaced whole if it is there
/// @param format id of the format to write; null for the one that usually has the ending of `to`
/// @param dtype what floating point weights become; null to leave every type as it is
/// @param durable whether to wait until the file is on the disk before it gets its name
public record Conversion(
    Path from,
    OpenOptions options,
    Path to,
    @Nullable String format,
    @Nullable DType dtype,
    boolean durable) {
  public Conversion {
    requireNonNull(from, "from");
    requireNonNull(options, "options");
    requireNonNull(to, "to");
  }

  /// Into the format of the ending, types as they are, synced.
  public static Conversion of(Path from, Path to) {
    return new Conversion(from, OpenOptions.NONE, to, null, null, true);
  }

  public Conversion toFormat(@Nullable String id) {
    return new Conversion(from, options, to, id, dtype, durable);
  }

  public Conversion toDtype(@Nullable DType type) {
    return new Conversion(from, options, to, format, type, durable);
  }

  public Conversion withOptions(OpenOptions known) {
    return new Conversion(from, known, to, format, dtype, durable);
  }

  /// Without waiting for the disk: a power cut may lose the file.
  public Conversion unsynced() {
    return new Conversion(from, options, to, format, dtype, false);
  }

  /// What is known before the first byte is written.
  ///
  /// @param from id of the format that reads
  /// @param to id of the format that writes
  /// @param tensors how many weights there are
  /// @param bytes of all of them as they will be written
  /// @param losses what the target cannot hold, one sentence each; empty if nothing is lost
  public record Plan(String from, String to, int tensors, long bytes, List<String> losses) {
    public Plan {
      losses = List.copyOf(losses);
    }
  }

  /// What was done. The file was read back and holds every weight, bit for bit as announced.
  ///
  /// @param bytes size of the file
  /// @param rounding what `dtype` did to the numbers
  /// @param lostMetadata keys that the target might have held and did not bring back as they were,
  ///   such as a layout that holds for the old file only
  public record Result(Plan plan, long bytes, Rounding rounding, List<String> lostMetadata) {
    public Result {
      lostMetadata = List.copyOf(lostMetadata);
    }
  }

  /// Is told how a conversion goes on.
  public interface Listener {
    /// Once, before the first byte is written. May throw to stop.
    void planned(Plan plan);

    /// Bytes done in a stage, `writing` or `checking`.
    void advanced(String stage, long done, long total);

    Listener NONE =
        new Listener() {
          @Override
          public void planned(Plan plan) {}

          @Override
          public void advanced(String stage, long done, long total) {}
        };
  }
}
