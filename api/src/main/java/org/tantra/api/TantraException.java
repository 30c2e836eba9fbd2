package org.tantra.api;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/// The one exception of the SPI: a kind, and a message that says what happened and where, expected
/// against actual, and what to do next.
public class TantraException extends RuntimeException {
  private final ErrorKind kind;
  private final @Nullable String subject;
  private final @Nullable String code;

  public TantraException(ErrorKind kind, String message) {
    this(kind, message, null);
  }

  public TantraException(ErrorKind kind, String message, @Nullable Throwable cause) {
    this(kind, message, cause, null, null);
  }

  /// For an exception class that carries more than text.
  protected TantraException(@Nullable String code, ErrorKind kind, String message) {
    this(kind, message, null, null, code);
  }

  private TantraException(
      ErrorKind kind,
      String message,
      @Nullable Throwable cause,
      @Nullable String subject,
      @Nullable String code) {
    super(requireNonNull(message, "message"), cause);
    this.kind = requireNonNull(kind, "kind");
    this.subject = subject;
    this.code = code;
  }

  /// Never null, unlike that of other exceptions.
  @Override
  public String getMessage() {
    return requireNonNull(super.getMessage(), "message");
  }

  public ErrorKind kind() {
    return kind;
  }

  /// The field or option at fault as the caller named it (`temperature`), if there is one.
  public @Nullable String subject() {
    return subject;
  }

  /// A stable word for programs (`context_length_exceeded`), if the kind alone is too coarse.
  public @Nullable String code() {
    return code;
  }

  /// The same error, naming the field or option at fault.
  public TantraException about(String subject) {
    return copy(subject, code);
  }

  /// The same error with a stable word for programs.
  public TantraException withCode(String code) {
    return copy(subject, code);
  }

  private TantraException copy(@Nullable String subject, @Nullable String code) {
    TantraException copy = new TantraException(kind, getMessage(), getCause(), subject, code);
    copy.setStackTrace(getStackTrace());
    return copy;
  }
}
