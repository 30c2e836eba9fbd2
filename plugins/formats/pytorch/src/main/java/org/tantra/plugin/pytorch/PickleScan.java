package org.tantra.plugin.pytorch;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.MappedFile;
import org.tantra.api.SafetyReport;
import org.tantra.api.TantraException;

/// Lists every name and instruction of the pickles in a file. Names outside the allow list are
/// stepped over, so that all of them are listed and not only the first.
final class PickleScan {
  private PickleScan() {}

  /// @param reason why opening the file was refused; empty if it was not
  static SafetyReport of(MappedFile file, String reason) {
    PickleTrace trace = new PickleTrace();
    try {
      switch (Container.of(file.bytes())) {
        case ZIP -> TorchZip.survey(file.bytes(), file.name(), file.allocator(), trace);
        case LEGACY -> TorchLegacy.survey(file.bytes(), file.name(), trace);
        case PICKLE, TAR, PREVIEW, UNKNOWN -> {}
      }
    } catch (TantraException e) {
      // What was met up to there is the report; the reason is the one of opening the file.
    }
    return report(trace, reason);
  }

  private static SafetyReport report(PickleTrace trace, String reason) {
    List<SafetyReport.Finding> findings = new ArrayList<>();
    trace
        .globals()
        .forEach(
            (name, global) ->
                findings.add(
                    new SafetyReport.Finding("global", name, global.count, global.allowed)));
    trace
        .opcodes()
        .forEach(
            (opcode, count) ->
                findings.add(
                    new SafetyReport.Finding("opcode", opcode.name(), count, opcode.allowed)));
    return new SafetyReport(
        reason.isEmpty() ? SafetyReport.Verdict.CLEAN : SafetyReport.Verdict.REFUSED,
        reason,
        findings);
  }
}
