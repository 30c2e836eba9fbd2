package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.Usage;

/// A text, as doors see it.
record RunningText(RunningAnswer<Generation.Piece, Generation> running)
    implements RunningAnswer.View<Generation.Piece, Generation>, TextAnswer {
  @Override
  public FinishReason finishReason() {
    return running.ask(
        generation -> requireNonNull(generation.finishReason(), "finishReason() gave null"));
  }

  @Override
  public Usage usage() {
    return running.ask(generation -> requireNonNull(generation.usage(), "usage() gave null"));
  }

  @Override
  public List<Generation.Token> promptTokens() {
    return running.ask(
        generation -> requireNonNull(generation.promptTokens(), "promptTokens() gave null"));
  }
}
