package org.tantra.host.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.resolve.Attempt;
import org.tantra.host.resolve.UnservedException;

/// An error as clients see it: causes and stack traces stay in the log.
///
/// @param row status, type and code
/// @param kind the paragraph of `docs/errors.md`
/// @param message what happened and what to do
/// @param param the field at fault
/// @param attempts who was asked, if a chain of candidates was
record ApiError(
    ErrorTable.Row row,
    ErrorKind kind,
    String message,
    @Nullable String param,
    List<Attempt> attempts) {

  static ApiError of(Throwable error, String requestId) {
    ErrorTable.Row row = ErrorTable.row(error);
    if (!(error instanceof TantraException known)) {
      return new ApiError(
          row,
          ErrorKind.INTERNAL,
          "Something broke in the host while it handled request "
              + requestId
              + "; its log says what.",
          null,
          List.of());
    }
    List<Attempt> attempts =
        error instanceof UnservedException unserved ? unserved.attempts() : List.of();
    String param = known.subject();
    if (param == null && row.code().equals("model_not_found")) {
      param = "model";
    }
    return new ApiError(row, known.kind(), String.valueOf(known.getMessage()), param, attempts);
  }

  ObjectNode body() {
    ObjectNode node = Json.object();
    ObjectNode error = node.putObject("error");
    error.put("message", message);
    error.put("type", row.type());
    error.put("param", param);
    error.put("code", row.code());
    String word = kind.name().toLowerCase(Locale.ROOT);
    error.put("kind", word);
    error.put("help", "docs/errors.md#" + word);
    if (!attempts.isEmpty()) {
      error.set("attempts", Head.attempts(attempts));
    }
    return node;
  }

  /// The attempts in one header: `gpt2=no_weights, distilgpt2=load_failed`.
  String trace() {
    return String.join(
        ", ",
        attempts.stream().map(attempt -> attempt.model() + "=" + attempt.kind().code()).toList());
  }
}
