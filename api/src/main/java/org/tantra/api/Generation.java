package org.tantra.api;

import java.util.List;
import java.util.Optional;

/// One request being answered, a step at a time.
///
/// One thread at a time calls [#next()]; [#cancel()] may come from any thread. Closing ends the
/// request and gives its memory (KV cache, scratch) back.
public interface Generation extends AutoCloseable {
  /// Computes until there is something to report: the prefill before the first piece, then one step
  /// per piece.
  ///
  /// @return the next piece, or nothing once the answer is complete or was cancelled
  Optional<Piece> next();

  /// Asks the answer to end: [#next()] returns nothing within one token. Harmless when it has
  /// already ended.
  void cancel();

  /// Why it ended.
  ///
  /// @throws IllegalStateException before [#next()] has returned nothing
  FinishReason finishReason();

  /// Tokens counted so far; complete once [#next()] has returned nothing.
  Usage usage();

  /// The prompt's tokens with their log-probabilities (the first has none: `NaN`), if the request
  /// asked for them. Complete after the first call of [#next()]; otherwise empty.
  List<Token> promptTokens();

  /// Ends the request. Calling it again does nothing.
  @Override
  void close();

  /// What became certain in one step.
  ///
  /// @param text whole characters that follow the text so far; may be empty while a character, or
  ///   what could be the start of a stop text, is incomplete
  /// @param tokens the tokens of this step; empty when text that was held back is released at the
  ///   end
  record Piece(String text, List<Token> tokens) {
    public Piece {
      tokens = List.copyOf(tokens);
    }
  }

  /// One token of prompt or completion.
  ///
  /// @param id token id
  /// @param text its bytes as UTF-8, with U+FFFD where they are not whole characters
  /// @param bytes its bytes
  /// @param logprob natural logarithm of its probability; `NaN` if not asked for
  /// @param alternatives the likeliest tokens at this place, likeliest first, if asked for; their
  ///   own lists are empty
  record Token(int id, String text, List<Byte> bytes, double logprob, List<Token> alternatives) {
    public Token {
      bytes = List.copyOf(bytes);
      alternatives = List.copyOf(alternatives);
    }
  }
}
