package org.tantra.host.http;

import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;

/// A body that is sent while it is computed. A client that takes none of what it is sent is cut off
/// after a while; while nothing is sent, it may wait as long as it likes.
final class ByteStream implements AutoCloseable {
  private final OutputStream out;
  private final Connection connection;
  private final Duration stalled;

  ByteStream(OutputStream out, Connection connection, Duration stalled) {
    this.out = out;
    this.connection = connection;
    this.stalled = stalled;
  }

  /// Sends some bytes, at once.
  void send(byte[] bytes) {
    try (StallGuard _ = new StallGuard(connection, stalled)) {
      out.write(bytes);
      out.flush();
    } catch (IOException | UncheckedIOException e) {
      throw new CloseConnectionException("The client has left", e);
    }
  }

  /// Ends the body: only a whole one may be closed, since this is how a client knows that it is.
  @Override
  public void close() {
    try (StallGuard _ = new StallGuard(connection, stalled)) {
      out.close();
    } catch (IOException | UncheckedIOException e) {
      throw new CloseConnectionException("The client has left", e);
    }
  }
}
