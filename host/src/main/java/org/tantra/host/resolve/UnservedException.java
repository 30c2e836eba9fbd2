package org.tantra.host.resolve;

import java.util.List;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Nobody answered: every candidate declined. Doors catch it to report the attempts one by one.
public final class UnservedException extends TantraException {
  private final List<Attempt> attempts;

  UnservedException(String code, ErrorKind kind, String message, List<Attempt> attempts) {
    super(code, kind, message);
    this.attempts = List.copyOf(attempts);
  }

  /// Who was asked, in order; at least one.
  public List<Attempt> attempts() {
    return attempts;
  }
}
