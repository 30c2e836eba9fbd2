package org.tantra.host.cli;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.ErrorKind;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.TantraException;
import org.tantra.api.TextRequest;
import org.tantra.api.Usage;
import org.tantra.host.Host;
import org.tantra.host.resolve.Call;
import org.tantra.host.resolve.Served;
import org.tantra.host.resolve.TextAnswer;

/// Reads one answer to its end, showing it as it comes.
final class AnswerPrinter {
  /// An answer that is over.
  ///
  /// @param served who gave it
  /// @param text all of it
  /// @param finish why it ended
  /// @param usage tokens counted
  record Answered(Served served, String text, FinishReason finish, Usage usage) {
    Map<String, Object> document() {
      Map<String, Object> document = Receipt.document(served);
      document.put("text", text);
      document.put("finish_reason", finish.name().toLowerCase(Locale.ROOT));
      document.put("prompt_tokens", usage.promptTokens());
      document.put("completion_tokens", usage.completionTokens());
      document.put("measures", usage.measures());
      return document;
    }
  }

  private final Console console;
  private final boolean stream;

  /// @param stream whether to print the answer as it comes; otherwise nothing is printed
  AnswerPrinter(Console console, boolean stream) {
    this.console = console;
    this.stream = stream;
  }

  /// Asks and reads to the end.
  ///
  /// @throws TantraException as [Host#generate(Call)]; `CANCELLED` if the caller stopped it
  Answered print(Host host, Call<TextRequest> call) {
    StringBuilder text = new StringBuilder();
    try (TextAnswer answer = host.generate(call)) {
      Receipt.tell(console, answer.served(), "its words mean nothing");
      for (Optional<Generation.Piece> piece = answer.next();
          piece.isPresent();
          piece = answer.next()) {
        text.append(piece.get().text());
        if (stream) {
          console.out().print(piece.get().text());
          console.out().flush();
        }
      }
      if (answer.finishReason() == FinishReason.CANCELLED) {
        throw new TantraException(
            ErrorKind.CANCELLED, "Stopped after " + answer.usage().completionTokens() + " tokens.");
      }
      return new Answered(answer.served(), text.toString(), answer.finishReason(), answer.usage());
    } finally {
      if (stream && !text.isEmpty()) {
        console.out().println();
      }
    }
  }
}
