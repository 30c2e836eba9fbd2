package org.tantra.host.http;

import java.util.concurrent.atomic.AtomicLong;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Bounds the bytes of request bodies that are held at once, whatever the number of connections:
/// bodies are read before their requests wait for a place of the [Gate], and parsing multiplies
/// them. Bytes count as they arrive, not as they are announced.
final class BodyBudget {
  /// Counts for nothing in each body, so that big requests never keep ordinary ones out; a
  /// connection reads as much ahead anyway.
  static final int FREE = 1 << 16;

  private final long most;
  private final AtomicLong held = new AtomicLong();

  /// @param most bytes of all bodies together
  BodyBudget(long most) {
    this.most = most;
  }

  /// What one request holds. Bytes may be taken by another thread than the one that closes.
  final class Share implements AutoCloseable {
    private long mine;
    private boolean closed;

    /// Takes bytes that were read and are to be kept.
    ///
    /// @throws TantraException `BUSY` (code `queue_full`) if too many are held; `CANCELLED` if the
    ///   request is over
    synchronized void take(long bytes) {
      if (closed) {
        throw new TantraException(ErrorKind.CANCELLED, "The request is over.");
      }
      if (held.addAndGet(bytes) > most) {
        held.addAndGet(-bytes);
        throw new TantraException(
                ErrorKind.BUSY,
                "The requests under way hold bodies of "
                    + most
                    + " bytes together; more are not let in. Try again in a few seconds, or send"
                    + " less.")
            .withCode("queue_full");
      }
      mine += bytes;
    }

    /// Gives all back.
    @Override
    public synchronized void close() {
      closed = true;
      held.addAndGet(-mine);
      mine = 0;
    }
  }
}
