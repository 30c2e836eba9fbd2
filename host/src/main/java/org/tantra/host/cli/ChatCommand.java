package org.tantra.host.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Prompt;
import org.tantra.api.Prompt.Message;
import org.tantra.api.Prompt.Role;
import org.tantra.host.Host;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tantra chat`: a conversation, one line per turn.
@Command(
    name = "chat",
    description = {
      "Talk with a model: one line, one turn. An empty line or the end of input ends it.",
      "With a message, answer that and end."
    },
    mixinStandardHelpOptions = true)
final class ChatCommand implements Callable<Integer> {
  private final TantraCli tantra;

  @Parameters(arity = "0..1", paramLabel = "MESSAGE", description = "A single message to answer.")
  private @Nullable String message;

  @Option(names = "--system", paramLabel = "TEXT", description = "How the model shall behave.")
  private @Nullable String system;

  @Mixin private final AnswerFlags answer = new AnswerFlags();
  @Mixin private final HostFlags host = new HostFlags();

  ChatCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    List<Message> turns = new ArrayList<>();
    if (system != null) {
      turns.add(Message.of(Role.SYSTEM, system));
    }
    List<Map<String, Object>> answers = new ArrayList<>();
    AnswerPrinter printer = new AnswerPrinter(tantra.console(), !tantra.json());
    try (Interruption interruption = Interruption.watch();
        Host opened = tantra.open(host)) {
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(tantra.console().in(), StandardCharsets.UTF_8));
      for (String line = next(lines, message);
          line != null && !line.isBlank() && !interruption.cancelled();
          line = message == null ? next(lines, null) : null) {
        turns.add(Message.of(Role.USER, line));
        var answered =
            printer.print(opened, answer.call(opened, new Prompt.Chat(turns), interruption));
        turns.add(Message.of(Role.ASSISTANT, answered.text()));
        answers.add(answered.document());
      }
    }
    if (tantra.json()) {
      Json.print(tantra.console().out(), Map.of("messages", documents(turns), "answers", answers));
    }
    return ExitCode.OK;
  }

  private @Nullable String next(BufferedReader lines, @Nullable String given) {
    if (given != null) {
      return given;
    }
    Console console = tantra.console();
    if (console.inTerminal() && console.errTerminal()) {
      console.err().print("> ");
      console.err().flush();
    }
    try {
      return lines.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException("stdin cannot be read", e);
    }
  }

  private static List<Map<String, Object>> documents(List<Message> turns) {
    List<Map<String, Object>> documents = new ArrayList<>();
    for (Message turn : turns) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("role", turn.role().name().toLowerCase(Locale.ROOT));
      document.put("content", turn.text());
      documents.add(document);
    }
    return documents;
  }
}
