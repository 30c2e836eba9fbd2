package org.tantra.host.concurrent;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// A platform thread for the steps of one request: made with it, gone with it.
///
/// Steps run one after the other, in the order they were handed in. A step holds a permit while it
/// runs; between steps, when its answer travels to the client, the worker holds none.
///
/// ```java
/// try (Worker worker = threads.worker(call)) {
///   Generation generation = worker.call(() -> text.generate(request));
///   try {
///     Optional<Piece> piece = worker.call(generation::next);
///     while (piece.isPresent()) {
///       client.send(piece.get());
///       piece = worker.call(generation::next);
///     }
///   } finally {
///     generation.cancel(); // the step that may be running ends soon
///     worker.submit(() -> closeBoth(generation, lease)); // the plugin stays loaded until then
///   }
/// }
/// ```
public final class Worker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  /// How often a waiting caller looks at limit and cancellation.
  private static final long LOOK_MILLIS = 50;

  private final PluginCall call;
  private final Turn turn;

  /// Made before it is needed: describing a failure takes memory, which may be what ran out.
  private final PluginFailure unspeakable;

  private final Thread thread;
  private final LinkedBlockingQueue<Step<?>> steps = new LinkedBlockingQueue<>();
  private boolean closed; // guarded by steps

  Worker(PluginCall call, Turn turn) {
    this.call = call;
    this.turn = turn;
    this.unspeakable =
        new PluginFailure(
            ErrorKind.INTERNAL,
            "Plugin "
                + call.plugin()
                + " failed while "
                + call.doing()
                + ", and could not say how.");
    this.thread =
        Thread.ofPlatform()
            .name("plugin " + call.plugin())
            .daemon()
            .inheritInheritableThreadLocals(false)
            .unstarted(this::work);
    thread.setContextClassLoader(call.context());
    thread.start();
  }

  /// Runs a step and waits for its answer.
  ///
  /// @throws TantraException as [PluginThreads#call(PluginCall, Callable)]; a step that took too
  ///   long goes on alone, and steps handed in later run after it
  /// @throws IllegalStateException if the worker is closed
  public <T> T call(Callable<T> body) {
    return call(body, _ -> {});
  }

  /// As [#call(Callable)].
  ///
  /// @param orphan gets an answer that comes after the caller has given up, to close it
  public <T> T call(Callable<T> body, Consumer<T> orphan) {
    return call(body, orphan, Cancellation.NEVER);
  }

  /// As [#call(Callable, Consumer)], and gives up when the caller has gone.
  ///
  /// @throws TantraException `CANCELLED` soon after `cancellation` says so; the step goes on alone
  public <T> T call(Callable<T> body, Consumer<T> orphan, Cancellation cancellation) {
    Step<T> step = new Step<>(body, orphan);
    enqueue(step);
    return await(step, cancellation);
  }

  /// Runs a step some time; nobody waits for it. A failure is logged.
  ///
  /// @throws IllegalStateException if the worker is closed
  public void submit(Runnable body) {
    enqueue(new Step<>(() -> done(body), _ -> {}));
  }

  private boolean done(Runnable body) {
    try {
      body.run();
      return true;
    } catch (Throwable thrown) { // plugin code may throw anything
      log.warn("{}", PluginFailure.of(call, thrown).message());
      return false;
    }
  }

  /// Interrupts the step that is running, if its code listens to that.
  public void interrupt() {
    thread.interrupt();
  }

  /// Takes no more steps; the thread ends after those it has. Does not wait. Calling it again does
  /// nothing.
  @Override
  public void close() {
    synchronized (steps) {
      if (!closed) {
        closed = true;
        steps.add(Step.LAST);
      }
    }
  }

  private void enqueue(Step<?> step) {
    synchronized (steps) {
      if (closed) {
        throw new IllegalStateException("the worker of plugin " + call.plugin() + " is closed");
      }
      steps.add(step);
    }
  }

  private <T> T await(Step<T> step, Cancellation cancellation) {
    Duration limit = call.limit();
    while (true) {
      try {
        return step.answer.get(LOOK_MILLIS, TimeUnit.MILLISECONDS).value();
      } catch (TimeoutException _) {
        if (cancellation.cancelled()) {
          String message = "The caller left while " + call.doing() + ".";
          return giveUp(step, new PluginFailure(ErrorKind.CANCELLED, message), () -> {});
        }
        if (limit != null && step.ranFor().compareTo(limit) > 0) {
          String message =
              "Plugin %s did not finish %s within %s ms; its thread is left alone."
                  .formatted(call.plugin(), call.doing(), limit.toMillis());
          return giveUp(step, new PluginFailure(ErrorKind.INTERNAL, message), this::leaveAlone);
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        String message = "Interrupted while " + call.doing() + ".";
        return giveUp(step, new PluginFailure(ErrorKind.CANCELLED, message), () -> {});
      } catch (ExecutionException e) {
        throw new IllegalStateException("an answer is a value, even of a failed step", e);
      }
    }
  }

  /// Unless the answer has just come after all.
  private static <T> T giveUp(Step<T> step, PluginFailure failure, Runnable whenGivenUp) {
    if (step.answer.complete(new Answer.Failure<>(failure))) {
      whenGivenUp.run();
    }
    return step.answer.join().value();
  }

  /// Others must not wait for a permit that a stuck step holds.
  private void leaveAlone() {
    turn.giveBack();
    thread.interrupt();
  }

  private void work() {
    while (true) {
      try {
        Step<?> step = steps.take();
        if (step == Step.LAST) {
          return;
        }
        run(step);
      } catch (InterruptedException _) {
        log.trace("Interrupted between two steps, which means nothing.");
      }
    }
  }

  private <T> void run(Step<T> step) {
    turn.take();
    Thread.interrupted(); // what was meant for the step before
    step.started();
    Answer<T> answer = new Answer.Failure<>(unspeakable);
    try {
      answer = new Answer.Value<>(turn.during(step.body));
    } catch (Throwable thrown) { // plugin code may throw anything
      answer = failure(thrown);
    } finally {
      turn.giveBack();
    }
    if (!step.answer.complete(answer) && answer instanceof Answer.Value<T>(T orphan)) {
      done(() -> step.orphan.accept(orphan));
    }
  }

  private <T> Answer<T> failure(Throwable thrown) {
    try {
      return new Answer.Failure<>(PluginFailure.of(call, thrown));
    } catch (Throwable _) { // out of memory, or the exception's own methods throw
      return new Answer.Failure<>(unspeakable);
    }
  }

  private static final class Step<T> {
    /// Ends the thread.
    static final Step<Boolean> LAST = new Step<>(() -> true, _ -> {});

    private final Callable<T> body;
    private final Consumer<T> orphan;
    private volatile long startedNanos; // 0 until it runs
    private final CompletableFuture<Answer<T>> answer = new CompletableFuture<>();

    Step(Callable<T> body, Consumer<T> orphan) {
      this.body = body;
      this.orphan = orphan;
    }

    void started() {
      long now = System.nanoTime();
      startedNanos = now == 0 ? 1 : now;
    }

    /// How long it has been running; zero while it waits for its turn.
    Duration ranFor() {
      long started = startedNanos;
      return started == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - started);
    }
  }

  private sealed interface Answer<T> {
    /// @throws TantraException if the step failed
    T value();

    record Value<T>(T value) implements Answer<T> {}

    record Failure<T>(PluginFailure failure) implements Answer<T> {
      @Override
      public T value() {
        throw failure.toException();
      }
    }
  }
}
