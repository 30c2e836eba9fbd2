package org.tantra.host.resolve;

import org.tantra.api.Answer;

/// An answer under way, and who gives it. Its first piece has been computed when the host hands it
/// out, so from here on nobody else takes over. One thread at a time reads; [#cancel()] may come
/// from any thread. Closing gives the model back.
///
/// [#next()] waits for the next piece, and throws [org.tantra.api.TantraException] if the model
/// fails midway; the answer is over then.
public interface ServedAnswer<P> extends Answer<P> {
  Served served();
}
