package org.tantra.host.cli;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Progress;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.store.WeightEntry;
import org.tantra.host.store.WeightStore;
import picocli.CommandLine.Mixin;

/// A verb of the weight store: opens a host for its plugins, works, and leaves.
abstract class StoreCommand implements Callable<Integer> {
  private final TantraCli tantra;

  @Mixin private final HostFlags host = new HostFlags();

  StoreCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  /// Does the work and prints what came of it.
  ///
  /// @return the exit code
  abstract int run(WeightStore store, Progress progress, Cancellation cancellation);

  @Override
  public final Integer call() {
    try (Interruption interruption = Interruption.watch();
        Host opened = tantra.open(host);
        ProgressLine progress = new ProgressLine(tantra.console())) {
      return run(opened.store(), progress, interruption);
    }
  }

  TantraCli tantra() {
    return tantra;
  }

  PrintStream out() {
    return tantra.console().out();
  }

  /// The weight that a user names: by its own name, or by type and version, or by type for the
  /// active one.
  static WeightEntry pick(WeightStore store, String nameOrType, @Nullable String version) {
    if (version != null) {
      return store.weight(nameOrType, version);
    }
    try {
      return store.weight(nameOrType);
    } catch (TantraException e) {
      if (e.kind() != ErrorKind.NOT_FOUND) {
        throw e;
      }
      return store.weight(nameOrType, null);
    }
  }
}
