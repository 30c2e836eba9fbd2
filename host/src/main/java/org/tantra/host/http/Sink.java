package org.tantra.host.http;

import java.util.List;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.Usage;

/// Where an answer goes: into one JSON document, or into a stream of events. Called in this order:
/// `begin`, then for each choice `open`, any number of `piece`, `close`; then `end`.
interface Sink {
  /// The first piece has been computed.
  void begin(Head head);

  void open(int choice, List<Generation.Token> promptTokens);

  void piece(Generation.Piece piece);

  void close(FinishReason reason);

  void end(Usage usage);
}
