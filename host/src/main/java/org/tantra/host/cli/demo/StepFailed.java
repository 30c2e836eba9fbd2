package org.tantra.host.cli.demo;

import org.jspecify.annotations.Nullable;

/// A step did not happen as promised; the demonstration ends here.
final class StepFailed extends RuntimeException {
  StepFailed(String message) {
    this(message, null);
  }

  StepFailed(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
