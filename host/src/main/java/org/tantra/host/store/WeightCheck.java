package org.tantra.host.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tantra.api.WeightPlan;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.host.config.Nearest;

/// Compares the weights of a file with those that a network needs, by name and shape.
///
/// @param problems what keeps the network from using the file, one sentence each
/// @param extra names in the file that the network does not know; harmless unless others are
///   missing
record WeightCheck(List<String> problems, Set<String> extra) {
  private static final int MOST_SHOWN = 8;

  /// Looking for near names compares each with each.
  private static final int MOST_CANDIDATES = 2000;

  WeightCheck {
    problems = List.copyOf(problems);
  }

  /// @param asker who needs them, for messages: `Config/mamba.yaml`
  static WeightCheck of(List<TensorInfo> tensors, WeightPlan plan, String asker) {
    Map<String, TensorInfo> there = new HashMap<>();
    tensors.forEach(info -> there.put(info.name(), info));
    Set<String> extra = new TreeSet<>(there.keySet());
    List<TensorInfo> missing = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (WeightPlan.Weight weight : plan.weights()) {
      TensorInfo wanted = weight.info();
      extra.remove(wanted.name());
      TensorInfo found = there.get(wanted.name());
      if (found != null && !found.shape().equals(wanted.shape())) {
        problems.add(
            "Weight '%s' has shape %s, %s asks for %s."
                .formatted(found.name(), found.shape(), asker, wanted.shape()));
      } else if (found == null && !weight.optional()) {
        missing.add(wanted);
      }
    }
    extra.removeIf(name -> plan.ignored().stream().anyMatch(pattern -> matches(name, pattern)));
    int all = problems.size() + missing.size();
    List<String> candidates = extra.stream().limit(MOST_CANDIDATES).toList();
    missing.stream()
        .limit(MOST_SHOWN)
        .forEach(wanted -> problems.add(missing(wanted, asker, candidates)));
    List<String> shown =
        new ArrayList<>(problems.subList(0, Math.min(MOST_SHOWN, problems.size())));
    if (all > shown.size()) {
      shown.add("%d further weights do not fit either.".formatted(all - shown.size()));
    }
    return new WeightCheck(shown, extra);
  }

  private static String missing(TensorInfo wanted, String asker, List<String> candidates) {
    return "Weight '%s' %s is missing; %s asks for it.%s"
        .formatted(
            wanted.name(),
            wanted.shape(),
            asker,
            Nearest.to(wanted.name(), candidates)
                .map(near -> " The file has '" + near + "'; was it renamed?")
                .orElse(""));
  }

  private static boolean matches(String name, String pattern) {
    return pattern.endsWith("*")
        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
        : name.equals(pattern);
  }
}
