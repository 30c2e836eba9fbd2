package org.tantra.host.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightPlan;
import org.tantra.host.registry.Deployment.Step;
import org.tantra.host.runtime.StagedJar;

/// One attempt to replace copies by new ones: all of them, or none. Lifecycle thread.
///
/// While it runs the old copies serve. [#run(List)] ends with the new ones published, or thrown
/// away.
final class Update {
  private static final Logger log = LoggerFactory.getLogger(Update.class);

  private final CopyLoader copies;
  private final ExtensionFactory extensions;
  private final ExtensionRegistry registry;
  private final List<PluginListener> listeners;

  /// Copies by plugin id: those that run, one after the other replaced by the new ones.
  private final Map<String, PluginCopy> view;

  private final List<PluginCopy> incoming = new ArrayList<>();
  private final List<PluginCopy> outgoing = new ArrayList<>();
  private final List<Runnable> undo = new ArrayList<>();
  private Step step = Step.CHECK;

  /// @param active the copies that run, by plugin id
  Update(
      CopyLoader copies,
      ExtensionFactory extensions,
      ExtensionRegistry registry,
      List<PluginListener> listeners,
      Map<String, PluginCopy> active) {
    this.copies = copies;
    this.extensions = extensions;
    this.registry = registry;
    this.listeners = List.copyOf(listeners);
    this.view = new HashMap<>(active);
  }

  /// @param jars what shall run, dependencies before dependents
  /// @throws TantraException if a step failed; the new copies are then those to retire
  void run(List<StagedJar> jars) {
    try {
      for (StagedJar jar : jars) {
        load(jar);
      }
      step = Step.REGISTER;
      ExtensionRegistry.Snapshot next = registry.planned(outgoing, incoming);
      step = Step.PREPARE;
      for (PluginCopy copy : incoming) {
        prepare(copy);
      }
      registry.publish(next);
    } catch (RuntimeException | Error e) { // a listener's bug must not leave half an update either
      undo.reversed().forEach(Runnable::run);
      throw e instanceof TantraException told
          ? told
          : new TantraException(ErrorKind.INTERNAL, "The host failed: " + e, e);
    }
  }

  private void load(StagedJar jar) {
    step = Step.CHECK;
    copies.check(jar, view);
    step = Step.LOAD;
    PluginCopy copy = copies.load(jar, view);
    incoming.add(copy);
    PluginCopy old = view.put(jar.id(), copy);
    if (old != null) {
      outgoing.add(old);
    }
    step = Step.CONSTRUCT;
    copy.contribute(extensions.create(copy));
  }

  /// Only what replaces a copy is prepared: nothing of a plugin that did not run is in use.
  private void prepare(PluginCopy next) {
    for (PluginCopy previous : outgoing) {
      if (previous.ref().id().equals(next.ref().id())) {
        for (PluginListener listener : listeners) {
          prepare(listener, previous.ref(), next);
        }
      }
    }
  }

  private void prepare(PluginListener listener, PluginRef previous, PluginCopy next) {
    List<PluginListener.Incoming> extensions = leaseLoadable(next);
    try {
      listener.prepare(previous, next.ref(), extensions);
    } catch (RuntimeException | Error e) {
      extensions.forEach(extension -> extension.lease().close());
      throw e;
    }
    undo.add(() -> abandon(listener, next.ref()));
  }

  /// What may be loaded when the copies change places: models and encoders.
  private static List<PluginListener.Incoming> leaseLoadable(PluginCopy copy) {
    List<PluginListener.Incoming> loadable = new ArrayList<>();
    for (Contribution<?> contribution : copy.contributions()) {
      if (contribution.extension() instanceof WeightPlan.Maker maker) {
        Lease<WeightPlan.Maker> lease =
            copy.lease(maker, "the update to " + copy.ref()).orElseThrow();
        loadable.add(new PluginListener.Incoming(contribution.point(), contribution.id(), lease));
      }
    }
    return loadable;
  }

  private static void abandon(PluginListener listener, PluginRef next) {
    try {
      listener.abandoned(next);
    } catch (RuntimeException e) {
      log.error("A listener failed to give back what it had prepared for plugin {}.", next, e);
    }
  }

  /// The step that runs, or failed.
  Step step() {
    return step;
  }

  /// The new copies. After a failure these are to be retired.
  List<PluginCopy> incoming() {
    return incoming;
  }

  /// The copies the new ones take over from. After success these are to be retired.
  List<PluginCopy> outgoing() {
    return outgoing;
  }
}
