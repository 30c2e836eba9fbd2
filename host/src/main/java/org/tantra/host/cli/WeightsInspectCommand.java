package org.tantra.host.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.tantra.api.OpenOptions;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.weights.WeightInspection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `tantra weights inspect`: what is in a weight file.
@Command(
    name = "inspect",
    description = {
      "Print format, version, metadata and every tensor of weight files.",
      "A file is recognised by its content; a shard index (*.index.json) shows all its shards "
          + "together. With --json, one document for a file; for several files one on each line, "
          + "and the exit code is that of the first file that cannot be read."
    },
    mixinStandardHelpOptions = true)
final class WeightsInspectCommand implements Callable<Integer> {
  private final TantraCli tantra;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Weight files.")
  private List<Path> files = List.of();

  @Mixin private final RawFlags raw = new RawFlags();
  @Mixin private final HostFlags host = new HostFlags();

  WeightsInspectCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    OpenOptions options = raw.options();
    int exitCode = ExitCode.OK;
    try (Host opened = tantra.open(host);
        ProgressLine progress = new ProgressLine(tantra.console())) {
      for (Path file : files) {
        try {
          print(file, opened.weights().inspect(file, options, progress), progress);
        } catch (TantraException e) {
          if (files.size() == 1 && !tantra.json()) {
            throw e;
          }
          print(file, e, progress);
          exitCode = exitCode == ExitCode.OK ? ExitCode.of(e.kind()) : exitCode;
        }
      }
    }
    return exitCode;
  }

  private void print(Path file, WeightInspection inspection, ProgressLine progress) {
    progress.close();
    Console console = tantra.console();
    if (tantra.json()) {
      print(document(file, inspection));
      return;
    }
    String version = inspection.version().isEmpty() ? "" : " " + inspection.version();
    console
        .out()
        .printf(
            "%s: %s%s, %d tensors%n",
            file, inspection.format(), version, inspection.tensors().size());
    inspection
        .metadata()
        .forEach((key, value) -> console.out().println("  " + plain(key) + " = " + plain(value)));
    Table table = new Table("NAME", "TYPE", "SHAPE", "BYTES", "SHA-256");
    for (WeightInspection.Tensor tensor : inspection.tensors()) {
      table.row(
          plain(tensor.name()),
          tensor.dtype().name(),
          tensor.shape().toString(),
          Long.toString(tensor.bytes()),
          tensor.sha256());
    }
    table.print(console.out());
    inspection
        .shared()
        .forEach(names -> console.out().println("shared: " + plain(String.join(", ", names))));
  }

  /// Names come from the file: no control characters reach the terminal.
  static String plain(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  private void print(Path file, TantraException error, ProgressLine progress) {
    progress.close();
    tantra.console().err().println("tantra: " + file + ": " + error.getMessage());
    if (tantra.json()) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("file", file.toString());
      document.put("error", Failures.document(error));
      print(document);
    }
  }

  private void print(Map<String, Object> document) {
    if (files.size() == 1) {
      Json.print(tantra.console().out(), document);
    } else {
      Json.printLine(tantra.console().out(), document);
    }
  }

  private static Map<String, Object> document(Path file, WeightInspection inspection) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("file", file.toString());
    document.put("format", inspection.format());
    document.put("version", inspection.version());
    document.put("metadata", inspection.metadata());
    document.put("tensors", inspection.tensors().stream().map(t -> document(t)).toList());
    document.put("shared", inspection.shared());
    return document;
  }

  private static Map<String, Object> document(WeightInspection.Tensor tensor) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("name", tensor.name());
    document.put("dtype", tensor.dtype().name());
    document.put("shape", tensor.shape().toArray());
    document.put("bytes", tensor.bytes());
    document.put("sha256", tensor.sha256());
    return document;
  }
}
