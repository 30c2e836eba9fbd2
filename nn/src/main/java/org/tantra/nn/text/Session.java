package org.tantra.nn.text;

import java.util.Map;
import org.tantra.api.Cancellation;

/// One growing row of tokens inside a [LanguageModel], with what the network remembers of it.
///
/// Used by one thread at a time. After an exception, cancellation included, it can only be closed.
public interface Session extends AutoCloseable {
  /// Tokens appended so far.
  int position();

  /// Appends tokens, a whole prompt or one step, and computes what may follow the last.
  ///
  /// Appending a row in pieces gives the logits of appending it at once, to rounding.
  ///
  /// @param tokens at least one id, each in 0 until `vocab`; together with [#position()] at most
  ///   `contextTokens`
  /// @param cancellation looked at at least once per layer and block of tokens; before a step of
  ///   one token only, if that may be taken together with other rows
  /// @return the logits after the last token, `[vocab]`; the session's own array, valid until the
  ///   next call
  /// @throws org.tantra.api.TantraException `CANCELLED`
  /// @throws IllegalArgumentException if the tokens are not as above
  float[] append(int[] tokens, Cancellation cancellation);

  /// Appends tokens and hands out the logits after each of them, for scoring a prompt.
  ///
  /// The default steps token by token; a network that computes many positions at once overrides it.
  default void append(int[] tokens, Cancellation cancellation, LogitsReader each) {
    for (int i = 0; i < tokens.length; i++) {
      each.read(i, append(new int[] {tokens[i]}, cancellation));
    }
  }

  /// Figures of the model about this row by name, such as spikes per token; reported in the usage.
  default Map<String, Double> measures() {
    return Map.of();
  }

  /// Gives the memory back. Calling it again does nothing.
  @Override
  void close();

  /// Receives the logits of several positions, first to last.
  @FunctionalInterface
  interface LogitsReader {
    /// @param index which of the appended tokens these follow
    /// @param logits `[vocab]`, valid during the call only
    void read(int index, float[] logits);
  }
}
