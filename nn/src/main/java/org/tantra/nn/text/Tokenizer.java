package org.tantra.nn.text;

import java.util.OptionalInt;
import java.util.Set;

/// Text to token ids and back. Immutable; safe from any thread.
public interface Tokenizer {
  /// One more than the largest id that [#encode] may give.
  int vocab();

  /// The ids of a text, the text of special tokens read as ordinary text: what a user types cannot
  /// end a prompt.
  ///
  /// @throws org.tantra.api.TantraException `INVALID` if the text cannot be told in this vocabulary
  int[] encode(String text);

  /// The ids of a text whose special-token text means the special token, for templates of our own.
  int[] encodeWithSpecials(String text);

  /// The bytes a token stands for, a fresh array: UTF-8 that may begin or end inside a character.
  /// Empty for special tokens and for ids that the vocabulary lacks, such as padding of the head.
  byte[] bytes(int id);

  /// Ids that end a text when the model chooses them.
  Set<Integer> endIds();

  /// What stands before a text that has nothing before it, if the model has such a token.
  OptionalInt startId();
}
