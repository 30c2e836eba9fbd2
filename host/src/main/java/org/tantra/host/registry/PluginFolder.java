package org.tantra.host.registry;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.host.runtime.Stager;

/// Makes what runs equal to what lies in the drop-in folders and what the operator wants.
///
/// Not a handler of file events: every scan looks at all files, works out which version of each
/// plugin should run, and changes what differs. So dropping, overwriting, renaming and deleting a
/// jar work in any order, and deleting the newest version goes back to the one before. A file is
/// taken once it has been quiet for a while; one that vanishes counts as gone after a grace, since
/// it may be about to be renamed or written again.
public final class PluginFolder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PluginFolder.class);

  /// @param quiet how long a file must not have changed before it is taken
  /// @param poll how long between two scans at most
  public record Timing(Duration quiet, Duration poll) {
    public static final Timing DEFAULT = new Timing(Duration.ofMillis(300), Duration.ofSeconds(1));

    /// How long a file must be missing before its plugin is stopped.
    Duration grace() {
      return quiet.multipliedBy(3);
    }
  }

  private final Plugins plugins;
  private final DesiredState desired;
  private final Timing timing;
  private final InstantSource clock;
  private final DropIns files; // guarded by this
  private final Reconciler reconciler; // guarded by this
  private final FolderWatch watch;
  private @Nullable Thread thread; // guarded by this
  private volatile Map<Path, PluginStatus> statuses = Map.of();

  /// @param folders where jars are dropped; the first goes before the others when two hold the same
  ///   version of a plugin; a folder that is not there counts as empty
  /// @param desired is read again at every scan
  public PluginFolder(
      List<Path> folders,
      Stager stager,
      Plugins plugins,
      DesiredState desired,
      Timing timing,
      InstantSource clock) {
    this.plugins = plugins;
    this.desired = desired;
    this.timing = timing;
    this.clock = clock;
    this.files = new DropIns(folders, stager);
    this.reconciler = new Reconciler(plugins, desired);
    this.watch = new FolderWatch(folders);
  }

  /// Takes every whole jar that is there now, at once, then goes on watching.
  public synchronized void start() {
    scan(Duration.ZERO, false);
    Thread watcher = Thread.ofPlatform().name("plugin-folder").daemon().unstarted(this::watch);
    watcher.setContextClassLoader(PluginFolder.class.getClassLoader());
    watcher.start();
    thread = watcher;
  }

  /// Looks at everything now, instead of waiting for the next time.
  public void scan() {
    scan(timing.quiet(), true);
  }

  /// What became of each file, by folder and name.
  public List<PluginStatus> statuses() {
    return List.copyOf(statuses.values());
  }

  /// @param quiet how long a file must not have changed before it is read
  /// @param last whether a file that is not whole is given up; otherwise it is read again later
  private synchronized void scan(Duration quiet, boolean last) {
    Instant now = clock.instant();
    desired.refresh();
    files.look(now);
    files.examine(quiet, last, now);
    files.forgetGone(timing.grace(), now);
    List<String> running = plugins.running().values().stream().map(RunningPlugin::sha256).toList();
    reconciler.reconcile(files.byPlugin(running));
    report(now);
  }

  private void report(Instant now) {
    Map<Path, PluginStatus> before = statuses;
    Map<Path, PluginStatus> next = new TreeMap<>();
    for (DropIn file : files.all()) {
      PluginStatus status = reconciler.status(file, now);
      if (!file.isGone() || status.state() == PluginStatus.State.ACTIVE) {
        PluginStatus old = before.get(file.file());
        if (old != null && old.tellsTheSameAs(status)) {
          next.put(file.file(), status.since(old.since()));
        } else {
          next.put(file.file(), status);
          log(status);
        }
      }
    }
    statuses = next;
  }

  /// What ran or failed has been logged when it happened.
  private static void log(PluginStatus status) {
    switch (status.state()) {
      case REJECTED -> log.warn("Plugin file {}", status.message());
      case WAITING, SUPERSEDED, DISABLED ->
          log.info("Plugin file {}: {}", status.file().getFileName(), status.message());
      case SETTLING, FAILED, ACTIVE ->
          log.debug("Plugin file {}: {}", status.file().getFileName(), status.state());
    }
  }

  private void watch() {
    Duration pause = timing.quiet().dividedBy(4);
    try {
      while (watch.await(pause, areUnsettled() ? timing.quiet() : timing.poll())) {
        try {
          scan();
        } catch (RuntimeException e) { // the next scan sees the same files again
          log.error("Scanning the plugin folders failed.", e);
        }
      }
    } catch (InterruptedException _) {
      log.debug("The plugin folders are no longer watched.");
    }
  }

  private synchronized boolean areUnsettled() {
    return files.areUnsettled();
  }

  /// Stops watching; what runs goes on running. Calling it again does nothing.
  @Override
  public void close() {
    watch.close();
    Thread watcher;
    synchronized (this) {
      watcher = thread;
      thread = null;
    }
    try {
      if (watcher != null) {
        watcher.join(); // ends with the scan it may be in
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      files.discardAll();
    }
  }
}
