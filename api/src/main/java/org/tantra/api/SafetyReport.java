package org.tantra.api;

import static java.util.Objects.requireNonNull;

import java.util.List;

/// What a look for code in a weight file found. Nothing in the file was run to make it.
///
/// @param verdict whether the file may be opened
/// @param reason why it is refused, as [WeightFormat#open] would say it; empty if it is clean
/// @param findings everything in the file that could matter, whether allowed or not, in the order
///   met; complete if the file is clean, otherwise up to where reading it stopped
public record SafetyReport(Verdict verdict, String reason, List<Finding> findings) {
  public SafetyReport {
    requireNonNull(verdict, "verdict");
    requireNonNull(reason, "reason");
    findings = List.copyOf(findings);
  }

  /// The answer in one word.
  public enum Verdict {
    /// The file holds weights and nothing else.
    CLEAN,
    /// The file asks for something that weights never need, or is damaged.
    REFUSED
  }

  /// One thing met in the file.
  ///
  /// @param kind what sort of thing, such as `global` or `opcode`
  /// @param name which one, such as `os.system`; from the file, so it may hold any character
  /// @param count how often
  /// @param allowed whether weights need it
  public record Finding(String kind, String name, long count, boolean allowed) {
    public Finding {
      requireNonNull(kind, "kind");
      requireNonNull(name, "name");
    }
  }
}
