package org.tantra.host.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.cli.remote.HostClient;
import org.tantra.host.cli.remote.RunFile;
import org.tantra.host.registry.PluginStatus;

/// The plugin files of a home as a host sees them: the host that serves from it, else one opened
/// here for as long as this is open.
final class PluginView implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final @Nullable HostClient serving;
  private final @Nullable Host opened;

  private PluginView(@Nullable HostClient serving, @Nullable Host opened) {
    this.serving = serving;
    this.opened = opened;
  }

  static PluginView open(TantraCli tantra, HostFlags flags) {
    Optional<RunFile> run = RunFile.read(tantra.home());
    return run.isPresent()
        ? new PluginView(tantra.client(run.get()), null)
        : new PluginView(null, tantra.open(flags));
  }

  List<PluginLine> plugins() {
    List<PluginLine> lines = new ArrayList<>();
    if (serving != null) {
      serving.get("/admin/plugins").path("plugins").forEach(node -> lines.add(PluginLine.of(node)));
    }
    if (opened != null) {
      for (PluginStatus status : opened.plugins()) {
        lines.add(PluginLine.of(status));
      }
    }
    return lines;
  }

  /// Looks until the host has taken a change in.
  ///
  /// @return the plugins as they are then
  /// @throws TantraException `BUSY` if it does not within a minute
  List<PluginLine> await(Predicate<List<PluginLine>> done) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      if (opened != null) {
        opened.scanPlugins();
      }
      List<PluginLine> now = plugins();
      if (done.test(now)) {
        return now;
      }
      if (System.nanoTime() > end) {
        throw new TantraException(
            ErrorKind.BUSY,
            "The change is made, but the host has not taken it in within "
                + PATIENCE.toSeconds()
                + " s. See 'tantra plugins list'.");
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TantraException(ErrorKind.CANCELLED, "Interrupted.", e);
      }
    }
  }

  @Override
  public void close() {
    if (serving != null) {
      serving.close();
    }
    if (opened != null) {
      opened.close();
    }
  }
}
