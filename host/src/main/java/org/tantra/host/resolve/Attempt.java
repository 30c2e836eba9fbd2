package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

/// A candidate that was asked and declined. Text only, so that keeping it keeps no plugin class
/// alive.
///
/// @param model the candidate's id
/// @param kind which question it failed
/// @param reason what happened, for people
public record Attempt(String model, Kind kind, String reason) {
  /// The questions, in the order they are asked.
  public enum Kind {
    /// No running plugin contributes this model.
    NO_PLUGIN,
    /// Policy forbids it: low-resource mode, network, task.
    POLICY,
    /// It needs weights and there are none.
    NO_WEIGHTS,
    /// It does not fit the memory budget, not even after idle models were evicted.
    NO_MEMORY,
    /// It failed repeatedly and rests for a while.
    CIRCUIT_OPEN,
    /// Loading it failed or took too long.
    LOAD_FAILED,
    /// It cannot do what the request asks for.
    UNSUPPORTED,
    /// It failed before the first token.
    ANSWER_FAILED;

    /// As headers and JSON spell it: `no_weights`.
    public String code() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  public Attempt {
    requireNonNull(model, "model");
    requireNonNull(kind, "kind");
    requireNonNull(reason, "reason");
  }
}
