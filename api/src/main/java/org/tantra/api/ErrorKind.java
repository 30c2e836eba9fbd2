package org.tantra.api;

/// What kind of thing went wrong. Decides HTTP status and exit code in one table of the host; see
/// `docs/errors.md`.
public enum ErrorKind {
  /// The caller asked for something that cannot be: a value out of range, a prompt beyond the
  /// context.
  INVALID,
  /// The thing named is not there: a model, a file, a weight version.
  NOT_FOUND,
  /// Well-formed, but this build, plugin or machine cannot do it.
  UNSUPPORTED,
  /// Bytes that should be sound are not: a truncated file, a checksum that differs.
  CORRUPT,
  /// A resource is used up: memory budget, disk.
  EXHAUSTED,
  /// Not now: still loading, draining, queue full. Trying again later is sensible.
  BUSY,
  /// The caller, or a deadline, stopped it.
  CANCELLED,
  /// A fault of the software: a plugin or the host itself broke.
  INTERNAL
}
