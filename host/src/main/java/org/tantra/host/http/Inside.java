package org.tantra.host.http;

import java.util.function.Supplier;
import org.tantra.api.Answer;

/// The part of a request that computes: in a place of the [Gate], and given up when the caller
/// leaves or its deadline passes.
final class Inside {
  private final Gate gate;

  Inside(Gate gate) {
    this.gate = gate;
  }

  /// Something that waits for all of an answer.
  <R> R whole(Exchange exchange, Supplier<R> body) {
    Caller caller = Caller.CURRENT.get();
    try (Gate.Pass _ = gate.enter(caller, exchange.connection())) {
      return Answers.inTime(caller, body);
    }
  }

  /// What is done with an answer that comes piece by piece.
  interface Use<A, R> {
    R apply(A answer);
  }

  /// Something that passes an answer on as it comes. The place is kept meanwhile.
  <A extends Answer<?>, R> R running(Exchange exchange, Supplier<A> begin, Use<A, R> use) {
    Caller caller = Caller.CURRENT.get();
    try (Gate.Pass _ = gate.enter(caller, exchange.connection())) {
      return Answers.inTime(
          caller,
          () -> {
            try (A answer = begin.get();
                Connection.Watch _ = exchange.connection().watch(answer::cancel)) {
              return use.apply(answer);
            }
          });
    }
  }
}
