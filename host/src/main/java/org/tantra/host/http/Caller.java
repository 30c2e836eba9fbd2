package org.tantra.host.http;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;

/// Who waits for an answer, bound for as long as one HTTP request is handled.
///
/// @param requestId as in `x-request-id`
/// @param deadline when the caller stops waiting; null for never
/// @param cancellation whether the caller has left or the deadline has passed
public record Caller(String requestId, @Nullable Instant deadline, Cancellation cancellation) {
  /// The caller of the request that this thread handles. Plain executors do not inherit it.
  public static final ScopedValue<Caller> CURRENT = ScopedValue.newInstance();

  public Caller {
    requireNonNull(requestId, "requestId");
    requireNonNull(cancellation, "cancellation");
  }
}
