package org.tantra.host;

/// Placeholder until the packages below are wired.
final class RunningHost {
  private RunningHost() {}

  @SuppressWarnings("DoNotCallSuggester") // until it is wired
  static Host open(HostOptions options) {
    throw new IllegalStateException("not wired: " + options);
  }
}
