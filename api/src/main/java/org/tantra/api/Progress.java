package org.tantra.api;

/// Listens to how far a long step has come. Implemented by the host; cheap to call.
public interface Progress {
  /// Begins a named stage, such as `reading weights`.
  void stage(String name);

  /// Work done in the current stage, in any unit; `total` 0 if not known.
  void advance(long done, long total);

  /// Nobody listens.
  Progress NONE =
      new Progress() {
        @Override
        public void stage(String name) {}

        @Override
        public void advance(long done, long total) {}
      };
}
