package org.tantra.host.http;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tantra.host.resolve.Call;
import org.tantra.host.resolve.Served;

/// Who is asked by one request that is no text request, on whose behalf, and whether stand-ins may
/// answer.
///
/// @param model as the caller names it; null if it names none
record Ticket(@Nullable String model, boolean fallback, Caller caller) {
  static Ticket of(Exchange exchange, Fields fields) {
    String model = fields.value("model") == null ? null : Ask.model(fields);
    return of(exchange, model, Ask.fallback(fields));
  }

  static Ticket of(Exchange exchange, MultipartForm form) {
    boolean fallback = form.text("fallback") == null || form.flag("fallback");
    return of(exchange, form.text("model"), fallback);
  }

  private static Ticket of(Exchange exchange, @Nullable String model, boolean fallback) {
    exchange.label(new Exchange.Labels(model == null ? "" : model, "", ""));
    return new Ticket(model, fallback && Answers.fallbackAllowed(exchange), Caller.CURRENT.get());
  }

  <Q> Call<Q> call(Q request) {
    return new Call<>(model, request, fallback, caller.cancellation());
  }

  Head head(Served served) {
    return new Head(
        UUID.randomUUID().toString().replace("-", ""), Instant.now().getEpochSecond(), served);
  }
}
