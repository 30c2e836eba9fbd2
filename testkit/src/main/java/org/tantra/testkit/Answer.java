package org.tantra.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRequest;
import org.tantra.api.Usage;

/// A generation run to its end.
///
/// @param text all pieces joined
/// @param tokens the completion's tokens
public record Answer(
    String text, List<Generation.Token> tokens, FinishReason finishReason, Usage usage) {
  public Answer {
    tokens = List.copyOf(tokens);
  }

  /// Answers a request from beginning to end.
  public static Answer to(TextRequest request, TextGeneration generator) {
    try (Generation generation = generator.generate(request)) {
      return rest(generation);
    }
  }

  /// What is left of a generation that was begun.
  public static Answer rest(Generation generation) {
    StringBuilder text = new StringBuilder();
    List<Generation.Token> tokens = new ArrayList<>();
    for (Optional<Generation.Piece> piece = generation.next();
        piece.isPresent();
        piece = generation.next()) {
      text.append(piece.get().text());
      tokens.addAll(piece.get().tokens());
    }
    return new Answer(text.toString(), tokens, generation.finishReason(), generation.usage());
  }

  /// The ids of the tokens.
  public List<Integer> ids() {
    return tokens.stream().map(Generation.Token::id).toList();
  }
}
