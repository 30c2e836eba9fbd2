package org.tantra.host.http;

import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Server-sent events on the wire: one `data:` line per event, flushed at once; a comment when
/// nothing was sent for a while, so that proxies and clients keep the connection.
///
/// Never sends `id:` or `retry:`: after either, OpenAI's Python client takes each blank line for an
/// event. A client that does not read is cut off after a while, so that it does not keep its place.
final class EventStream implements AutoCloseable {
  private final OutputStream out;
  private final Connection connection;
  private final Exchange.Limits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private final CountDownLatch over = new CountDownLatch(1);
  private long lastWrite = System.nanoTime(); // guarded by lock

  EventStream(OutputStream out, Connection connection, Exchange.Limits limits) {
    this.out = out;
    this.connection = connection;
    this.limits = limits;
    Thread.ofVirtual().name("http-keep-alive").start(this::keepAlive);
  }

  /// Sends an event.
  ///
  /// @param line JSON without line breaks, or `[DONE]`
  void data(String line) {
    write("data: " + line + "\n\n");
  }

  /// Sends an event that clients take for an error.
  void error(String line) {
    write("event: error\ndata: " + line + "\n\n");
  }

  /// Ends the stream. Calling it again does nothing.
  @Override
  public void close() {
    lock.lock();
    try {
      if (over.getCount() > 0) {
        over.countDown();
        out.close();
      }
    } catch (IOException e) {
      throw new CloseConnectionException("The client has left", e);
    } finally {
      lock.unlock();
    }
  }

  private void write(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    lock.lock();
    try {
      out.write(bytes);
      out.flush();
      lastWrite = System.nanoTime();
    } catch (IOException | UncheckedIOException e) {
      throw new CloseConnectionException("The client has left", e);
    } finally {
      lock.unlock();
    }
  }

  private void keepAlive() {
    long wait = limits.keepAlive().toNanos();
    try {
      while (!over.await(Math.min(wait, limits.stalled().toNanos()), TimeUnit.NANOSECONDS)) {
        if (!lock.tryLock(limits.stalled().toNanos(), TimeUnit.NANOSECONDS)) {
          connection.cut(); // somebody has been writing for that long
          return;
        }
        try {
          wait = limits.keepAlive().toNanos() - (System.nanoTime() - lastWrite);
          if (wait <= 0 && over.getCount() > 0) {
            write(": ping\n\n");
            wait = limits.keepAlive().toNanos();
          }
        } finally {
          lock.unlock();
        }
      }
    } catch (InterruptedException | CloseConnectionException _) {
      // The client has left; the thread that answers finds out by itself.
    }
  }
}
