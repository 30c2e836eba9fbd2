package org.tantra.host.resolve;

import java.util.List;
import java.util.Optional;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.Usage;

/// An answer under way. Its first piece has been computed when the host hands it out, so from here
/// on nobody else takes over. One thread at a time reads; [#cancel()] may come from any thread.
public interface TextAnswer extends AutoCloseable {
  Served served();

  /// The next piece; waits for it. Nothing once the answer is complete.
  ///
  /// @throws org.tantra.api.TantraException if the model fails midway; the answer is over then
  Optional<Generation.Piece> next();

  /// Ends the answer within one token.
  void cancel();

  /// See [Generation#finishReason()].
  FinishReason finishReason();

  /// See [Generation#usage()].
  Usage usage();

  /// See [Generation#promptTokens()].
  List<Generation.Token> promptTokens();

  /// Gives the model back. Calling it again does nothing.
  @Override
  void close();
}
