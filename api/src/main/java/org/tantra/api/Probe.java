package org.tantra.api;

import static java.util.Objects.requireNonNull;

/// A weight format's answer to the first bytes of a file.
public sealed interface Probe {
  /// These bytes begin a file of this format.
  ///
  /// @param version of the format, as the file states it; empty if the format has none
  record Accepted(String version) implements Probe {
    public Accepted {
      requireNonNull(version, "version");
    }
  }

  /// They do not.
  ///
  /// @param reason half a sentence for an error message, such as `implausible header length`
  record Declined(String reason) implements Probe {
    public Declined {
      requireNonNull(reason, "reason");
    }
  }
}
