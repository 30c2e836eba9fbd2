package org.tantra.plugin.pytorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.tantra.api.SafetyReport;
import org.tantra.api.SafetyReport.Finding;
import org.tantra.api.SafetyReport.Verdict;

class PickleScanTest {
  @Test
  void cleanFileListsItsNamesAndInstructions() throws IOException {
    SafetyReport report = scan("torch/ok/protocol3.pt");

    assertEquals(Verdict.CLEAN, report.verdict());
    assertEquals("", report.reason());
    assertTrue(report.findings().stream().allMatch(Finding::allowed));
    assertTrue(names(report, "global").contains("torch._utils._rebuild_tensor_v2"));
    assertTrue(names(report, "opcode").contains("REDUCE"));
  }

  @Test
  void hostileFileListsWhatItAsksForAndIsRefused() throws IOException {
    SafetyReport report = scan("torch/reject/malicious/os_system.pt");

    assertEquals(Verdict.REFUSED, report.verdict());
    assertTrue(report.reason().contains("os.system"), report.reason());
    assertTrue(report.findings().contains(new Finding("global", "os.system", 1, false)));
  }

  @Test
  void wholeModelListsEveryClassNotOnlyTheFirst() throws IOException {
    List<String> globals = names(scan("torch/reject/container/whole_module.pt"), "global");

    assertTrue(
        globals.stream().filter(name -> name.startsWith("torch.nn.")).count() > 1,
        globals::toString);
  }

  @Test
  void nameOfAnInstanceInstructionIsListedToo() throws IOException {
    SafetyReport report = scan("torch/reject/malicious/inst_opcode.pt");

    assertTrue(
        report.findings().contains(new Finding("opcode", "INST", 1, false)), report::toString);
    assertTrue(report.findings().stream().anyMatch(f -> f.kind().equals("global") && !f.allowed()));
  }

  @TestFactory
  Stream<DynamicTest> verdictAgreesWithOpening() {
    return Corpus.entries().stream()
        .filter(entry -> entry.must() && !entry.expected().has("stage"))
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.toString(),
                    () ->
                        assertEquals(
                            entry.ok() ? Verdict.CLEAN : Verdict.REFUSED,
                            scan(entry.toString()).verdict())));
  }

  private static SafetyReport scan(String file) throws IOException {
    return new PytorchFormat().scan(Corpus.file(file)).orElseThrow();
  }

  private static List<String> names(SafetyReport report, String kind) {
    return report.findings().stream()
        .filter(finding -> finding.kind().equals(kind))
        .map(Finding::name)
        .toList();
  }
}
