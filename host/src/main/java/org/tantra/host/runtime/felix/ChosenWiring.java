package org.tantra.host.runtime.felix;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.Constants;
import org.osgi.framework.hooks.resolver.ResolverHook;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/// Lets the resolver wire a bundle only to itself, to the host, and to the copies chosen for it.
///
/// Left to itself the resolver prefers packages of bundles that are already resolved: a new copy
/// would be wired to the old copy of what it depends on, which is about to go.
final class ChosenWiring implements ResolverHook {
  private final Map<Long, Set<Long>> chosen = new ConcurrentHashMap<>();

  void choose(long bundle, Set<Long> dependencies) {
    chosen.put(bundle, Set.copyOf(dependencies));
  }

  void forget(long bundle) {
    chosen.remove(bundle);
  }

  @Override
  public void filterMatches(
      BundleRequirement requirement, Collection<BundleCapability> candidates) {
    long bundle = idOf(requirement.getRevision());
    Set<Long> dependencies = chosen.getOrDefault(bundle, Set.of());
    candidates.removeIf(
        candidate -> {
          long provider = idOf(candidate.getRevision());
          return provider != Constants.SYSTEM_BUNDLE_ID
              && provider != bundle
              && !dependencies.contains(provider);
        });
  }

  private static long idOf(BundleRevision revision) {
    return revision.getBundle().getBundleId();
  }

  @Override
  public void filterResolvable(Collection<BundleRevision> candidates) {}

  @Override
  public void filterSingletonCollisions(
      BundleCapability singleton, Collection<BundleCapability> candidates) {}

  @Override
  public void end() {}
}
