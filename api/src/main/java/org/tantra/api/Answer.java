package org.tantra.api;

import java.util.Optional;

/// One request being answered, a piece at a time.
///
/// One thread at a time calls [#next()]; [#cancel()] may come from any thread. Closing ends the
/// request and gives its memory back.
///
/// @param <P> what becomes certain in one step: a piece of text, a segment, a stretch of speech
public interface Answer<P> extends AutoCloseable {
  /// Computes until there is something to report.
  ///
  /// @return the next piece, or nothing once the answer is complete or was cancelled
  Optional<P> next();

  /// Asks the answer to end: [#next()] returns nothing within one step of the network. Harmless
  /// when it has already ended.
  void cancel();

  /// Ends the request. Calling it again does nothing.
  @Override
  void close();
}
