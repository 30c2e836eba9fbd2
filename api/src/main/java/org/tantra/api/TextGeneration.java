package org.tantra.api;

import java.util.List;

/// Capability: continues text.
public interface TextGeneration extends Capability {
  /// Most tokens that prompt and completion may have together.
  int contextTokens();

  /// Number of token ids.
  int vocab();

  /// The ids of a text, special-token text read as ordinary text. Any thread.
  List<Integer> tokenize(String text);

  /// Starts one request: checks it and turns the prompt into tokens, but computes nothing yet.
  ///
  /// @throws TantraException `INVALID` if a value is out of range (naming it as subject) or the
  ///   prompt does not fit the context (code `context_length_exceeded`); `UNSUPPORTED` if the
  ///   prompt holds parts this model cannot read
  Generation generate(TextRequest request);
}
