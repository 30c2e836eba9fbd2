package org.tantra.host.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.tantra.api.ErrorKind;
import org.tantra.api.Prompt;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `tantra generate`: continues a text.
@Command(
    name = "generate",
    aliases = "run",
    description = "Continue a text, printing it as it comes.",
    mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {
  private final TantraCli tantra;

  @Parameters(paramLabel = "PROMPT", description = "The text to continue; '-' reads it from stdin.")
  private String prompt = "";

  @Mixin private final AnswerFlags answer = new AnswerFlags();
  @Mixin private final HostFlags host = new HostFlags();

  GenerateCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    String text = prompt.equals("-") ? standardInput() : prompt;
    AnswerPrinter printer = new AnswerPrinter(tantra.console(), !tantra.json());
    try (Interruption interruption = Interruption.watch();
        Host opened = tantra.open(host)) {
      var answered =
          printer.print(opened, answer.call(opened, new Prompt.Text(text), interruption));
      if (tantra.json()) {
        Json.print(tantra.console().out(), answered.document());
      }
    }
    return ExitCode.OK;
  }

  private String standardInput() {
    try {
      String text = new String(tantra.console().in().readAllBytes(), StandardCharsets.UTF_8);
      if (text.isEmpty()) {
        throw new TantraException(
            ErrorKind.INVALID, "The prompt was to come from stdin, which is empty.");
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException("stdin cannot be read", e);
    }
  }
}
