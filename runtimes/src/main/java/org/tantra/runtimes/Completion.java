package org.tantra.runtimes;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.Usage;
import org.tantra.host.resolve.Served;

/// A text that a model has written.
///
/// @param text what it added, without the prompt
/// @param tokens the tokens it added; with one more at the end if that completed a stop text
/// @param finish why it ended
/// @param usage tokens counted, and further figures of the model
/// @param served who wrote it, and who declined before
public record Completion(
    String text, List<Generation.Token> tokens, FinishReason finish, Usage usage, Served served) {
  public Completion {
    requireNonNull(text, "text");
    tokens = List.copyOf(tokens);
    requireNonNull(finish, "finish");
    requireNonNull(usage, "usage");
    requireNonNull(served, "served");
  }
}
