package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

import org.tantra.api.Cancellation;
import org.tantra.api.TextRequest;

/// A text request as it enters the host.
///
/// @param model id of the first choice
/// @param request what to continue and how
/// @param fallback whether stand-ins may answer; otherwise the first choice answers or its error is
///   thrown
/// @param cancellation whether the caller has gone; looked at while loading and before each token
public record TextCall(
    String model, TextRequest request, boolean fallback, Cancellation cancellation) {
  public TextCall {
    requireNonNull(model, "model");
    requireNonNull(request, "request");
    requireNonNull(cancellation, "cancellation");
  }

  /// A call that accepts stand-ins and is never cancelled from outside.
  public static TextCall of(String model, TextRequest request) {
    return new TextCall(model, request, true, Cancellation.NEVER);
  }
}
