package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.Answer;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.concurrent.Worker;

/// One answer: what the model began, computed on a thread of its own, and the use of the model it
/// holds.
final class RunningAnswer<P, A extends Answer<P>> implements ServedAnswer<P> {
  private static final Logger log = LoggerFactory.getLogger(RunningAnswer.class);

  private final Worker worker;
  private final LoadedInstance instance;
  private final LoadedModels loaded;
  private final Cancellation cancellation;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile @Nullable A answer;
  private @Nullable Served served;
  private @Nullable P first;

  RunningAnswer(
      Worker worker, LoadedInstance instance, LoadedModels loaded, Cancellation cancellation) {
    this.worker = worker;
    this.instance = instance;
    this.loaded = loaded;
    this.cancellation = cancellation;
  }

  /// A running answer under the interface of its kind.
  interface View<P, A extends Answer<P>> extends ServedAnswer<P> {
    RunningAnswer<P, A> running();

    @Override
    default Served served() {
      return running().served();
    }

    @Override
    default Optional<P> next() {
      return running().next();
    }

    @Override
    default void cancel() {
      running().cancel();
    }

    @Override
    default void close() {
      running().close();
    }
  }

  void start(A started) {
    answer = started;
  }

  /// @param piece the first piece, computed before anybody sees the answer; nothing if the answer
  ///   is empty
  void begun(Served who, Optional<P> piece) {
    served = who;
    first = piece.orElse(null);
    loaded.answered(instance);
  }

  @Override
  public Served served() {
    return requireNonNull(served, "served");
  }

  @Override
  public Optional<P> next() {
    P piece = first;
    if (piece != null) {
      first = null;
      return Optional.of(piece);
    }
    try {
      cancellation.check(); // a quick step ends before the worker looks
      A running = requireNonNull(answer, "answer");
      return worker.call(
          () -> requireNonNull(running.next(), "next() gave null"), _ -> {}, cancellation);
    } catch (TantraException e) {
      if (e.kind() == ErrorKind.CANCELLED) {
        cancel();
      } else {
        loaded.answerFailed(instance, e.getMessage());
      }
      throw e;
    }
  }

  /// Asks what the model began something about itself.
  <R> R ask(Function<A, R> question) {
    A running = requireNonNull(answer, "answer");
    return worker.call(() -> question.apply(running));
  }

  @Override
  public void cancel() {
    A started = answer;
    if (started != null) {
      Thread.ofVirtual().name("cancel-" + instance.id().name()).start(() -> cancel(started));
    }
  }

  /// On a thread of its own: it is plugin code, which may throw anything, or never return.
  private void cancel(A started) {
    try {
      started.cancel();
    } catch (Throwable e) {
      log.warn("{} failed when told to stop: {}", instance.id().capital(), e.toString());
    }
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    cancel();
    A started = answer;
    // This step runs whenever the step before it lets go; only then may the model be closed.
    worker.submit(
        () -> {
          try {
            if (started != null) {
              started.close();
            }
          } finally {
            loaded.release(instance);
          }
        });
    worker.close();
  }
}
