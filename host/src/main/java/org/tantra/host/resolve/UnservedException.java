package org.tantra.host.resolve;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Nobody answered: every candidate declined. Doors catch it to report the attempts one by one.
public final class UnservedException extends TantraException {
  private final List<Attempt> attempts;
  private final @Nullable String subject;

  private UnservedException(
      @Nullable String code,
      ErrorKind kind,
      String message,
      @Nullable String subject,
      List<Attempt> attempts) {
    super(code, kind, message);
    this.subject = subject;
    this.attempts = List.copyOf(attempts);
  }

  /// @param attempts who was asked, in order; at least one
  /// @param fallbackRefused whether stand-ins were not asked because the request wanted none
  static UnservedException of(List<Attempt> attempts, boolean fallbackRefused) {
    Attempt first = attempts.getFirst();
    StringBuilder message = new StringBuilder(first.reason());
    if (attempts.size() > 1) {
      message.append(" No stand-in could answer either:");
      for (Attempt attempt : attempts.subList(1, attempts.size())) {
        message.append(' ').append(attempt.reason());
      }
    } else if (fallbackRefused) {
      message.append(" Stand-ins were not asked, because the request wanted none.");
    }
    ErrorKind kind =
        switch (first.kind()) {
          case NO_PLUGIN, NO_WEIGHTS -> ErrorKind.NOT_FOUND;
          case POLICY, UNSUPPORTED -> ErrorKind.UNSUPPORTED;
          case NO_MEMORY -> ErrorKind.EXHAUSTED;
          case CIRCUIT_OPEN -> ErrorKind.BUSY;
          case LOAD_FAILED, ANSWER_FAILED -> ErrorKind.INTERNAL;
        };
    String code =
        switch (first.kind()) {
          case NO_MEMORY -> "insufficient_memory";
          case POLICY, UNSUPPORTED -> "unsupported_parameter";
          case ANSWER_FAILED -> "inference_failed";
          case NO_PLUGIN, NO_WEIGHTS, CIRCUIT_OPEN, LOAD_FAILED -> "model_load_failed";
        };
    return new UnservedException(code, kind, message.toString(), null, attempts);
  }

  /// Nobody answered, and a stand-in that got to see the request says that it is at fault.
  static UnservedException mistake(List<Attempt> attempts, TantraException found) {
    StringBuilder message = new StringBuilder(found.getMessage());
    attempts.stream()
        .map(Attempt::reason)
        .filter(reason -> !reason.equals(found.getMessage()))
        .forEach(reason -> message.append(' ').append(reason));
    return new UnservedException(
        found.code(), ErrorKind.INVALID, message.toString(), found.subject(), attempts);
  }

  /// The same, saying first which of the caller's files is at fault.
  public UnservedException in(String file) {
    return new UnservedException(
        code(), kind(), "'" + file + "': " + getMessage(), subject, attempts);
  }

  /// What a stand-in found at fault, if it did.
  @Override
  public @Nullable String subject() {
    return subject;
  }

  /// Who was asked, in order; at least one.
  public List<Attempt> attempts() {
    return attempts;
  }
}
