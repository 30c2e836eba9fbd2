package org.tantra.host.store;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/// What looking through a weight file has shown.
///
/// @param entry whose file; completed by what was found out
/// @param problems why it should not be used, one sentence each; empty if it is sound
/// @param warnings what is odd and does no harm
/// @param config whose configuration its names and shapes were compared with; empty if nobody knows
///   the type
/// @param tensors how many weights it holds
/// @param checksum what the checksum showed: `sha256`, `md5`, `recorded` if there was none before,
///   `skipped`, or `differs`
/// @param took how long it took
public record Validation(
    WeightEntry entry,
    List<String> problems,
    List<String> warnings,
    String config,
    int tensors,
    String checksum,
    Duration took) {
  public Validation {
    requireNonNull(entry, "entry");
    problems = List.copyOf(problems);
    warnings = List.copyOf(warnings);
  }

  public boolean valid() {
    return problems.isEmpty();
  }
}
