package org.tantra.host.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.config.Nearest;
import org.tantra.host.resolve.Attempt;
import org.tantra.host.resolve.UnservedException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Turns whatever a command throws into one line on stderr, with `--json` also a document on
/// stdout, and an exit code.
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private final TantraCli tantra;

  Failures(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public int handleExecutionException(Exception error, CommandLine line, ParseResult parsed) {
    return report(error);
  }

  @Override
  public int handleParseException(ParameterException error, String[] arguments) {
    String command = error.getCommandLine().getCommandSpec().qualifiedName();
    String message =
        error instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()
            ? unknown(unmatched)
            : messageOf(error).strip().replaceAll("\\.?$", ".");
    return report(
        new TantraException(ErrorKind.INVALID, message + " See '" + command + " --help'.", error));
  }

  private int report(Throwable error) {
    TantraException known =
        error instanceof TantraException tantraException
            ? tantraException
            : new TantraException(
                ErrorKind.INTERNAL,
                "Something unexpected happened: " + error + ". Run it again with --debug.",
                error);
    tell(tantra, known);
    if (tantra.json()) {
      Json.print(tantra.console().out(), Map.of("error", document(known)));
    }
    return ExitCode.of(known.kind());
  }

  /// Says on stderr what went wrong; with `--debug` also where.
  static void tell(TantraCli tantra, TantraException error) {
    Console console = tantra.console();
    console.flush();
    console.err().println("tantra: " + error.getMessage());
    if (tantra.debug()) {
      error.printStackTrace(console.err());
    }
  }

  /// An error, as JSON shows it.
  static Map<String, Object> document(TantraException error) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("kind", error.kind().name().toLowerCase(Locale.ROOT));
    document.put("message", messageOf(error));
    if (error.code() != null) {
      document.put("code", error.code());
    }
    if (error.subject() != null) {
      document.put("subject", error.subject());
    }
    if (error instanceof UnservedException unserved) {
      document.put("attempts", attempts(unserved.attempts()));
    }
    return document;
  }

  /// Candidates that declined, as JSON shows them.
  static List<Map<String, Object>> attempts(List<Attempt> attempts) {
    List<Map<String, Object>> documents = new ArrayList<>();
    for (Attempt attempt : attempts) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("model", attempt.model());
      document.put("kind", attempt.kind().code());
      document.put("reason", attempt.reason());
      documents.add(document);
    }
    return documents;
  }

  /// `Unknown command 'plugin', did you mean 'plugins'?`
  private static String unknown(UnmatchedArgumentException error) {
    String word = error.getUnmatched().getFirst().replaceAll("^(--?[^=]+)=.*", "$1");
    var spec = error.getCommandLine().getCommandSpec();
    List<String> known = new ArrayList<>();
    if (word.startsWith("-")) {
      known.addAll(spec.optionsMap().keySet());
    } else {
      spec.subcommands()
          .forEach(
              (name, command) -> {
                if (!command.getCommandSpec().usageMessage().hidden()) {
                  known.add(name);
                }
              });
    }
    String what =
        word.startsWith("-") ? "option" : spec.subcommands().isEmpty() ? "argument" : "command";
    return "Unknown %s '%s'".formatted(what, word)
        + Nearest.to(word, known).map(name -> ", did you mean '" + name + "'?").orElse(".");
  }

  private static String messageOf(Throwable error) {
    String message = error.getMessage();
    return message == null ? error.toString() : message;
  }
}
