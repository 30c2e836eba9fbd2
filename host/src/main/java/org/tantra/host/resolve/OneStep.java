package org.tantra.host.resolve;

import java.util.Optional;
import java.util.function.Function;
import org.tantra.api.Answer;
import org.tantra.api.Cancellation;

/// An answer that is computed in one step, such as the text of an image.
final class OneStep<R> implements Answer<R> {
  private final Function<Cancellation, R> body;
  private boolean done; // confined to the reading thread
  private volatile boolean cancelled;

  OneStep(Function<Cancellation, R> body) {
    this.body = body;
  }

  @Override
  public Optional<R> next() {
    if (done || cancelled) {
      return Optional.empty();
    }
    done = true;
    return Optional.of(body.apply(() -> cancelled));
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public void close() {}
}
