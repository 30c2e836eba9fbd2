package org.tantra.host.weights;

import static java.util.Objects.requireNonNull;

import org.tantra.api.SafetyReport;

/// Whether a file can be trusted to be weights and nothing else.
///
/// @param format id of the format that reads it; empty if none does
/// @param carriesCode whether files of this format can carry code at all
/// @param report what was met, and the verdict
public record WeightScan(String format, boolean carriesCode, SafetyReport report) {
  public WeightScan {
    requireNonNull(format, "format");
    requireNonNull(report, "report");
  }

  public boolean clean() {
    return report.verdict() == SafetyReport.Verdict.CLEAN;
  }
}
