package org.tantra.host.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.weights.Conversion;
import org.tantra.host.weights.Quantization;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tantra weights quantize`: matrices with fewer bits.
@Command(
    name = "quantize",
    description = {
      "Write weights with quantised matrices: q8_0 or q4_0 as GGUF, int8 with a scale for each row "
          + "as safetensors.",
      "Vectors, and matrices whose rows do not fill blocks of 32, stay as they are. The new file is"
          + " read back, and the difference from the source is told."
    },
    mixinStandardHelpOptions = true)
final class WeightsQuantizeCommand implements Callable<Integer> {
  private final TantraCli tantra;

  @Parameters(index = "0", paramLabel = "IN", description = "A weight file or shard index.")
  private Path from = Path.of("");

  @Parameters(index = "1", paramLabel = "OUT", description = "The file to write.")
  private Path to = Path.of("");

  @Option(names = "--to", paramLabel = "TYPE", required = true, description = "q8_0, q4_0, int8.")
  private String type = "";

  @Mixin private final HostFlags host = new HostFlags();

  WeightsQuantizeCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    Quantization quantization = Quantization.named(type).orElseThrow(this::unknown);
    Quantization.Result result;
    try (Interruption interruption = Interruption.watch();
        Host opened = tantra.open(host);
        ProgressLine progress = new ProgressLine(tantra.console())) {
      result = opened.weights().quantize(from, to, quantization, new Shown(progress), interruption);
    }
    Quantization.Loss loss = result.loss();
    if (tantra.json()) {
      Json.print(tantra.console().out(), document(quantization, result));
    } else {
      tantra
          .console()
          .out()
          .printf(
              Locale.ROOT,
              "%s: %s, %d of %d weights as %s, read back and equal%n"
                  + "%d numbers, off by %.3g relative (root mean square), by %.3g at most%n",
              to,
              Sizes.shown(result.written().bytes()),
              loss.weights(),
              result.written().plan().tensors(),
              quantization.id(),
              loss.numbers(),
              loss.relative(),
              loss.largest());
    }
    return ExitCode.OK;
  }

  private TantraException unknown() {
    return new TantraException(
            ErrorKind.INVALID,
            "'%s' is no type to quantise to; there are %s."
                .formatted(
                    type,
                    Arrays.stream(Quantization.values())
                        .map(Quantization::id)
                        .collect(Collectors.joining(", "))))
        .about("to");
  }

  private Map<String, Object> document(Quantization quantization, Quantization.Result result) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("file", to.toString());
    document.put("type", quantization.id());
    document.put("format", result.written().plan().to());
    document.put("tensors", result.written().plan().tensors());
    document.put("bytes", result.written().bytes());
    document.put("quantized_weights", result.loss().weights());
    document.put("numbers", result.loss().numbers());
    document.put("relative_error", result.loss().relative());
    document.put("largest_error", result.loss().largest());
    return document;
  }

  private record Shown(ProgressLine progress) implements Conversion.Listener {
    @Override
    public void planned(Conversion.Plan plan) {
      progress.stage("quantising");
    }

    @Override
    public void advanced(String stage, long done, long total) {
      progress.advance(stage.equals("writing") ? done / 2 : total / 2 + done / 2, total);
    }
  }
}
