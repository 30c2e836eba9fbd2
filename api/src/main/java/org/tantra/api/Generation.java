package org.tantra.api;

import java.util.List;

/// One text being continued. Its first [#next()] computes the prefill and the first piece, each
/// later one a single step. Closing gives the KV cache and scratch memory back.
public interface Generation extends Answer<Generation.Piece> {
  /// Why it ended.
  ///
  /// @throws IllegalStateException before [#next()] has returned nothing
  FinishReason finishReason();

  /// Tokens counted so far; complete once [#next()] has returned nothing.
  Usage usage();

  /// The prompt's tokens with their log-probabilities (the first has none: `NaN`), if the request
  /// asked for them. Complete after the first call of [#next()]; otherwise empty.
  List<Token> promptTokens();

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
