package org.tantra.host.registry;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tantra.host.registry.Deployment.Step;
import org.tantra.host.registry.DesiredState.Choice;
import org.tantra.host.registry.PluginStatus.State;
import org.tantra.host.runtime.PluginManifest;
import org.tantra.host.runtime.StagedJar;

/// Works out which file each plugin should run from, and changes what differs. Not thread-safe.
///
/// A jar that was refused is not tried again until something it failed by may have changed: another
/// plugin came or went, or the operator asked for a reload.
final class Reconciler {
  private final Plugins plugins;
  private final DesiredState desired;

  /// Jars that were refused, by checksum.
  private final Map<String, Failure> failures = new HashMap<>();

  /// Plugins that were started here; others are somebody else's.
  private final Set<String> managed = new HashSet<>();

  /// How many reloads have been carried out or need not be.
  private final Map<String, Long> reloads = new HashMap<>();

  /// Why the last reload of a plugin that runs was refused.
  private final Map<String, String> reloadProblems = new HashMap<>();

  private Map<String, DropIn> wanted = Map.of();
  private Map<String, String> waiting = Map.of();

  private record Failure(String id, Deployment.Refused refused) {
    boolean mayHaveGone() {
      return refused.step() == Step.CHECK || refused.step() == Step.REGISTER;
    }
  }

  Reconciler(Plugins plugins, DesiredState desired) {
    this.plugins = plugins;
    this.desired = desired;
  }

  /// @param candidates the files that hold each plugin, best first
  void reconcile(Map<String, List<DropIn>> candidates) {
    forgetFailuresOfOthers(candidates);
    reloadWhereAsked(candidates.keySet());
    undeployUnwanted(candidates);
    boolean progress = true;
    while (progress) { // what one plugin waits for may have come with the one before
      wanted = wanted(candidates);
      waiting = new TreeMap<>();
      progress = false;
      for (Map.Entry<String, DropIn> entry : wanted.entrySet()) {
        progress |= deploy(entry.getKey(), entry.getValue().held());
      }
    }
  }

  /// A bad jar that was deleted and is dropped again gets another chance.
  private void forgetFailuresOfOthers(Map<String, List<DropIn>> candidates) {
    Set<String> present =
        candidates.values().stream()
            .flatMap(List::stream)
            .map(file -> file.held().sha256())
            .collect(Collectors.toUnmodifiableSet());
    failures.keySet().retainAll(present);
  }

  private void reloadWhereAsked(Set<String> ids) {
    for (String id : ids) {
      long asked = desired.of(id).reloads();
      Long done = reloads.put(id, asked);
      if (done != null && done != asked) {
        failures.values().removeIf(failure -> failure.id().equals(id));
        if (plugins.running().containsKey(id)) {
          noteReload(id, plugins.reload(id));
        }
      }
    }
  }

  private void noteReload(String id, Deployment deployment) {
    switch (deployment) {
      case Deployment.Running _ -> reloadProblems.remove(id);
      case Deployment.Refused refused ->
          reloadProblems.put(id, "Not reloaded: " + refused.reason());
    }
  }

  private void undeployUnwanted(Map<String, List<DropIn>> candidates) {
    for (String id : List.copyOf(managed)) {
      if (!candidates.containsKey(id) || desired.of(id).disabled()) {
        managed.remove(id);
        reloadProblems.remove(id);
        if (!plugins.undeploy(id).isEmpty()) {
          retryOthers(id);
        }
      }
    }
  }

  private Map<String, DropIn> wanted(Map<String, List<DropIn>> candidates) {
    Map<String, DropIn> best = new TreeMap<>();
    candidates.forEach(
        (id, files) ->
            files.stream()
                .filter(file -> admits(desired.of(id), file.held()))
                .filter(file -> !failures.containsKey(file.held().sha256()))
                .findFirst()
                .ifPresent(file -> best.put(id, file)));
    return best;
  }

  private static boolean admits(Choice choice, StagedJar jar) {
    String pinned = choice.pinned();
    return !choice.disabled()
        && (pinned == null || pinned.equals(jar.manifest().version().toString()));
  }

  /// @return whether something new runs, or something else should be tried
  private boolean deploy(String id, StagedJar jar) {
    RunningPlugin running = plugins.running().get(id);
    if (running != null && running.sha256().equals(jar.sha256())) {
      return false;
    }
    Set<String> missing = missing(jar);
    if (!missing.isEmpty()) {
      waiting.put(id, "It waits for plugin " + String.join(", ", missing) + ".");
      return false;
    }
    switch (plugins.deploy(jar)) {
      case Deployment.Running _ -> {
        managed.add(id);
        reloadProblems.remove(id);
        retryOthers(id);
      }
      case Deployment.Refused refused -> failures.put(jar.sha256(), new Failure(id, refused));
    }
    return true;
  }

  private Set<String> missing(StagedJar jar) {
    return jar.manifest().dependencies().stream()
        .map(PluginManifest.Dependency::id)
        .filter(id -> !plugins.running().containsKey(id))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private void retryOthers(String changed) {
    failures.values().removeIf(failure -> !failure.id().equals(changed) && failure.mayHaveGone());
  }

  /// What became of a file that is there.
  PluginStatus status(DropIn file, Instant now) {
    StagedJar jar = file.staged();
    String rejection = file.rejection();
    if (rejection != null) {
      return status(file, State.REJECTED, rejection + stillRunning(jar), now);
    }
    if (jar == null) {
      return status(file, State.SETTLING, "It is taken once it stops changing.", now);
    }
    Choice choice = desired.of(jar.id());
    if (choice.disabled()) {
      return status(file, State.DISABLED, "It is switched off.", now);
    }
    Failure failure = failures.get(jar.sha256());
    if (failure != null) {
      return status(file, State.FAILED, failure.refused().reason() + stillRunning(jar), now);
    }
    if (!admits(choice, jar)) {
      String message = "Version " + choice.pinned() + " is pinned.";
      return status(file, State.SUPERSEDED, message, now);
    }
    DropIn chosen = wanted.get(jar.id());
    if (chosen != null && !chosen.equals(file)) {
      return status(file, State.SUPERSEDED, supersededBy(chosen, jar), now);
    }
    String missing = waiting.get(jar.id());
    return missing == null
        ? status(file, State.ACTIVE, reloadProblems.getOrDefault(jar.id(), ""), now)
        : status(file, State.WAITING, missing + stillRunning(jar), now);
  }

  private PluginStatus status(DropIn file, State state, String message, Instant now) {
    StagedJar jar = file.staged();
    if (jar == null) {
      return new PluginStatus(file.file(), null, null, state, message, Map.of(), 0, now);
    }
    RunningPlugin running = state == State.ACTIVE ? plugins.running().get(jar.id()) : null;
    return new PluginStatus(
        file.file(),
        jar.id(),
        jar.manifest().version().toString(),
        state,
        message,
        running == null ? Map.of() : running.extensions(),
        running == null ? 0 : running.ref().copy(),
        now);
  }

  private static String supersededBy(DropIn chosen, StagedJar jar) {
    StagedJar other = chosen.held();
    String file = chosen.file().getFileName().toString();
    return other.manifest().version().compareTo(jar.manifest().version()) == 0
        ? "Plugin %s comes from %s already; remove one of the two.".formatted(jar, file)
        : "%s has version %s.".formatted(file, other.manifest().version());
  }

  private String stillRunning(@Nullable StagedJar jar) {
    RunningPlugin running = jar == null ? null : plugins.running().get(jar.id());
    return running == null ? "" : " Version " + running.ref().version() + " keeps running.";
  }
}
