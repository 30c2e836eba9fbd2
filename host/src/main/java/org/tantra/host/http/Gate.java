package org.tantra.host.http;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Bounds how many requests are answered at once and how many may wait for it; first come, first
/// served.
final class Gate {
  private final int places;
  private final int queue;
  private final Deque<Turn> waiting = new ArrayDeque<>(); // guarded by this
  private int inside; // guarded by this
  private double meanSeconds = 1; // guarded by this

  /// @param places requests inside at once
  /// @param queue requests that may wait
  Gate(int places, int queue) {
    this.places = places;
    this.queue = queue;
  }

  /// Waits for a place.
  ///
  /// @throws TantraException `BUSY` (code `queue_full`) if too many wait already; `CANCELLED` if
  ///   the caller leaves or its deadline passes while waiting
  Pass enter(Caller caller, Connection connection) {
    Turn turn = line();
    try (Connection.Watch _ = connection.watch(() -> turn.pass.cancel(false))) {
      return caller.deadline() == null
          ? turn.pass.get()
          : turn.pass.get(
              Duration.between(Instant.now(), caller.deadline()).toMillis(), TimeUnit.MILLISECONDS);
    } catch (CancellationException e) {
      leave(turn);
      throw new TantraException(ErrorKind.CANCELLED, "Cancelled while waiting for a place.", e);
    } catch (TimeoutException _) {
      leave(turn);
      throw Answers.late();
    } catch (InterruptedException e) {
      leave(turn);
      Thread.currentThread().interrupt();
      throw new TantraException(ErrorKind.BUSY, "The host is closing.", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A place inside; closing it lets the next one in.
  final class Pass implements AutoCloseable {
    private final long since = System.nanoTime();
    private boolean closed; // guarded by Gate.this

    @Override
    public void close() {
      synchronized (Gate.this) {
        if (closed) {
          return;
        }
        closed = true;
        inside--;
        meanSeconds = 0.8 * meanSeconds + 0.2 * (System.nanoTime() - since) / 1e9;
        admit();
      }
    }
  }

  synchronized int inside() {
    return inside;
  }

  synchronized int waiting() {
    return waiting.size();
  }

  /// When a refused caller may try again: about as long as the queue takes to move by one.
  synchronized Duration retryAfter() {
    return Duration.ofSeconds(Math.clamp((long) Math.ceil(meanSeconds / places), 1, 8));
  }

  private synchronized Turn line() {
    if (inside >= places && waiting.size() >= queue) {
      throw new TantraException(
              ErrorKind.BUSY,
              "The host answers "
                  + inside
                  + " requests and "
                  + waiting.size()
                  + " wait; more are not let in. Try again in a few seconds, or raise"
                  + " models.concurrent or http.queue in Config/host.yaml.")
          .withCode("queue_full");
    }
    Turn turn = new Turn();
    waiting.add(turn);
    admit();
    return turn;
  }

  private synchronized void admit() {
    while (inside < places) {
      Turn next = waiting.poll();
      if (next == null) {
        return;
      }
      inside++;
      if (!next.pass.complete(new Pass())) {
        inside--;
      }
    }
  }

  /// Gives up a turn, or the place if it came in the same moment.
  private void leave(Turn turn) {
    synchronized (this) {
      waiting.remove(turn);
    }
    turn.pass.cancel(false);
    if (!turn.pass.isCancelled()) {
      turn.pass.join().close();
    }
  }

  private static final class Turn {
    final CompletableFuture<Pass> pass = new CompletableFuture<>();
  }
}
