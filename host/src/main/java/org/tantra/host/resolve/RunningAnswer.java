package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.TantraException;
import org.tantra.api.Usage;
import org.tantra.host.concurrent.Worker;

/// One answer: its generation, computed on a thread of its own, and the use of the model it holds.
final class RunningAnswer implements TextAnswer {
  private static final Logger log = LoggerFactory.getLogger(RunningAnswer.class);

  private final Worker worker;
  private final LoadedInstance instance;
  private final LoadedModels loaded;
  private final Cancellation cancellation;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile @Nullable Generation generation;
  private @Nullable Served served;
  private Generation.@Nullable Piece first;

  RunningAnswer(
      Worker worker, LoadedInstance instance, LoadedModels loaded, Cancellation cancellation) {
    this.worker = worker;
    this.instance = instance;
    this.loaded = loaded;
    this.cancellation = cancellation;
  }

  void start(Generation started) {
    generation = started;
  }

  /// @param piece the first piece, computed before anybody sees the answer; nothing if the answer
  ///   is empty
  void begun(Served who, Optional<Generation.Piece> piece) {
    served = who;
    first = piece.orElse(null);
    loaded.answered(instance);
  }

  private Generation generation() {
    return requireNonNull(generation, "generation");
  }

  @Override
  public Served served() {
    return requireNonNull(served, "served");
  }

  @Override
  public Optional<Generation.Piece> next() {
    Generation.Piece piece = first;
    if (piece != null) {
      first = null;
      return Optional.of(piece);
    }
    try {
      Generation running = generation();
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

  @Override
  public void cancel() {
    Generation started = generation;
    if (started != null) {
      Thread.ofVirtual().name("cancel-" + instance.id()).start(() -> cancel(started));
    }
  }

  /// On a thread of its own: it is plugin code, which may throw anything, or never return.
  private void cancel(Generation started) {
    try {
      started.cancel();
    } catch (Throwable e) {
      log.warn("Model '{}' failed when told to stop: {}", instance.id(), e.toString());
    }
  }

  @Override
  public FinishReason finishReason() {
    Generation ended = generation();
    return worker.call(() -> requireNonNull(ended.finishReason(), "finishReason() gave null"));
  }

  @Override
  public Usage usage() {
    Generation running = generation();
    return worker.call(() -> requireNonNull(running.usage(), "usage() gave null"));
  }

  @Override
  public List<Generation.Token> promptTokens() {
    Generation running = generation();
    return worker.call(() -> requireNonNull(running.promptTokens(), "promptTokens() gave null"));
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    cancel();
    Generation started = generation;
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
