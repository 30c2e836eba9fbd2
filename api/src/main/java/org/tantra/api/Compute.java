package org.tantra.api;

import java.util.function.Supplier;

/// The host's fixed set of platform threads for arithmetic, as many as cores. Implemented by the
/// host.
public interface Compute {
  /// How many threads work at once, the caller's included; at least 1.
  int threads();

  /// Runs `body` once for each part from 0 to `parts` - 1, spread over the threads, and returns
  /// when all are done.
  ///
  /// The caller works too. Parts may run in any order and at the same time. When a part fails, the
  /// first failure is thrown after all have ended. A part must not call this again.
  void parallel(int parts, Part body);

  /// Waits for what another thread computes. Only so many threads compute at once; whoever waits in
  /// here is not one of them, so that those it waits for have their turn.
  ///
  /// @param waiting computes nothing, and returns when the waiting is over
  default <T> T await(Supplier<T> waiting) {
    return waiting.get();
  }

  /// One part of a parallel step.
  @FunctionalInterface
  interface Part {
    void run(int part);
  }

  /// Everything on the calling thread.
  Compute SERIAL =
      new Compute() {
        @Override
        public int threads() {
          return 1;
        }

        @Override
        public void parallel(int parts, Part body) {
          for (int part = 0; part < parts; part++) {
            body.run(part);
          }
        }
      };
}
