package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;

/// A request as it enters the host, with what holds for requests of every kind.
///
/// @param <Q> what is asked for, such as [org.tantra.api.TextRequest]
/// @param model id of the first choice; null for the one that configuration prefers for the task,
///   or else whoever can do it
/// @param request what to do and how
/// @param fallback whether stand-ins may answer; otherwise the first choice answers or its error is
///   thrown
/// @param cancellation whether the caller has gone; looked at while loading and before each piece
public record Call<Q>(
    @Nullable String model, Q request, boolean fallback, Cancellation cancellation) {
  public Call {
    requireNonNull(request, "request");
    requireNonNull(cancellation, "cancellation");
  }

  /// A call that accepts stand-ins and is never cancelled from outside.
  public static <Q> Call<Q> of(@Nullable String model, Q request) {
    return new Call<>(model, request, true, Cancellation.NEVER);
  }
}
