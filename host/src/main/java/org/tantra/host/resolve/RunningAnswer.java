package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.TantraException;
import org.tantra.api.Usage;
import org.tantra.host.concurrent.Worker;

/// One answer: its generation, computed on a thread of its own, and the use of the model it holds.
final class RunningAnswer implements TextAnswer {
  private final Worker worker;
  private final LoadedInstance instance;
  private final LoadedModels loaded;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile @Nullable Generation generation;
  private @Nullable Served served;
  private Generation.@Nullable Piece first;

  RunningAnswer(Worker worker, LoadedInstance instance, LoadedModels loaded) {
    this.worker = worker;
    this.instance = instance;
    this.loaded = loaded;
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
      return worker.call(generation()::next);
    } catch (TantraException e) {
      loaded.answerFailed(instance, String.valueOf(e.getMessage()));
      throw e;
    }
  }

  @Override
  public void cancel() {
    Generation started = generation;
    if (started != null) {
      started.cancel();
    }
  }

  @Override
  public FinishReason finishReason() {
    return worker.call(generation()::finishReason);
  }

  @Override
  public Usage usage() {
    return worker.call(generation()::usage);
  }

  @Override
  public List<Generation.Token> promptTokens() {
    return worker.call(generation()::promptTokens);
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
