package org.tantra.host.http;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One client connection, read ahead by a thread of its own, so that the client's leaving is
/// noticed at once, whatever the thread that answers is waiting for.
///
/// The reader keeps a few chunks for the next reads of request head and body; a client that sends
/// more than that during an answer is noticed later, by a failing write. End of input counts as
/// leaving: a client that closes only its sending half is not answered, as with most servers.
final class Connection {
  /// The connection whose request this thread handles.
  static final ScopedValue<Connection> CURRENT = ScopedValue.newInstance();

  /// Until the next request, or the next bytes of one.
  private static final Duration IDLE = Duration.ofSeconds(75);

  /// How long a client whose body was refused may go on sending before the connection is cut: cut
  /// earlier, the reset would take the answer away from it.
  private static final Duration LINGER = Duration.ofSeconds(2);

  /// Chunks of at most 8 KiB.
  private static final int READ_AHEAD = 8;

  /// The end of input; a socket never hands out empty chunks.
  private static final byte[] END = new byte[0];

  private final HelidonSocket socket;
  private final BlockingQueue<byte[]> inbound = new ArrayBlockingQueue<>(READ_AHEAD);
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  private volatile boolean gone;
  private volatile boolean discarding;
  private volatile boolean last;
  private boolean lingering;

  Connection(HelidonSocket socket) {
    this.socket = socket;
  }

  /// Whether the client has left.
  boolean gone() {
    return gone;
  }

  /// Runs something once the client has left, at once if it already has; possibly twice.
  Watch watch(Runnable whenGone) {
    watchers.add(whenGone);
    if (gone) {
      whenGone.run();
    }
    return () -> watchers.remove(whenGone);
  }

  /// Ends a [#watch].
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  /// No request is read after the present one.
  void closeAfterAnswer() {
    last = true;
  }

  /// The rest of the present request's body is thrown away, and the connection closed.
  void refuseBody() {
    last = true;
    lingering = true;
  }

  /// Whether [#refuseBody] was called.
  boolean bodyRefused() {
    return lingering;
  }

  /// Cuts the connection: a thread that is writing to it fails.
  void cut() {
    try {
      socket.close();
    } catch (UncheckedIOException _) {
      // It was closed in the same moment.
    }
  }

  /// Serves the connection until it ends.
  void serve(ServerConnection requests, Limit limit) throws InterruptedException {
    Thread reader = Thread.ofVirtual().name("http-reader").start(this::readAhead);
    try {
      ScopedValue.where(CURRENT, this)
          .call(
              () -> {
                requests.handle(limit);
                return null;
              });
    } finally {
      // From here on the reader throws away what it reads, until Helidon closes the socket.
      discarding = true;
      inbound.clear();
      if (lingering) {
        reader.join(LINGER);
      }
    }
  }

  /// The next bytes, or null at the end of input. Called by the thread that serves the connection.
  byte @Nullable [] read() {
    if (last) {
      return null;
    }
    try {
      byte[] next = inbound.poll(IDLE.toMillis(), TimeUnit.MILLISECONDS);
      if (next == null) {
        throw new CloseConnectionException("Nothing was sent for " + IDLE.toSeconds() + " s");
      }
      if (next.length == 0) {
        last = true;
        return null;
      }
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CloseConnectionException("Closing", e);
    }
  }

  private void readAhead() {
    try {
      byte[] next;
      while ((next = socket.get()) != null) {
        if (!discarding) {
          inbound.put(next);
        }
      }
    } catch (InterruptedException | RuntimeException _) {
      // A reset, or our own closing: the same end.
    } finally {
      gone = true;
      watchers.forEach(Runnable::run);
      // Does not wait for ever: whoever ends the connection empties the queue.
      end();
    }
  }

  private void end() {
    try {
      inbound.put(END);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
