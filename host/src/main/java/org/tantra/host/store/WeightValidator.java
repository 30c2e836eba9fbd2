package org.tantra.host.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Progress;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorInfo;

/// Looks through one weight file: readable, checksum, names and shapes against the model's
/// configuration, finite values. The file is read by two threads at once, one for the checksum and
/// one for the numbers.
///
/// Which configuration: the file's own if it has one, else the type's file in `Config/`, else any
/// of the sizes that its plugin names. The first of these that is there is what problems are told
/// against.
final class WeightValidator {
  private final StorePlugins plugins;

  WeightValidator(StorePlugins plugins) {
    this.plugins = plugins;
  }

  /// What a look at the header shows, without reading the numbers.
  ///
  /// @throws TantraException if the file cannot be read at all
  Validation glance(WeightEntry entry, Path file) {
    long began = System.nanoTime();
    try (StorePlugins.Opened opened = plugins.open(file)) {
      Fit fit = fit(entry.modelType(), file, opened.weights());
      return validation(entry, opened, fit, List.of(), "skipped", began);
    }
  }

  /// Looks through all of it.
  ///
  /// @throws IOException if the disk fails; a file that makes no sense is an answer
  Validation validate(WeightEntry entry, Path file, Progress progress, Cancellation cancellation)
      throws IOException {
    long began = System.nanoTime();
    FutureTask<Sum> summing = new FutureTask<>(() -> Sum.of(entry, file, progress, cancellation));
    Thread.ofPlatform().name("checksum-" + entry.name()).daemon().start(summing);
    List<String> problems = new ArrayList<>();
    try (StorePlugins.Opened opened = plugins.open(file)) {
      Fit fit = fit(entry.modelType(), file, opened.weights());
      problems.addAll(FiniteCheck.of(opened.weights(), cancellation));
      Sum sum = await(summing);
      sum.problem().ifPresent(problem -> problems.add(0, problem));
      return validation(sum.entry(), opened, fit, problems, sum.checksum(), began);
    } catch (TantraException e) {
      if (e.kind() != ErrorKind.CORRUPT && e.kind() != ErrorKind.UNSUPPORTED) {
        throw e;
      }
      Sum sum = await(summing);
      sum.problem().ifPresent(problems::add);
      problems.add(e.getMessage());
      return new Validation(entry, problems, List.of(), "", 0, sum.checksum(), since(began));
    }
  }

  private static Validation validation(
      WeightEntry entry,
      StorePlugins.Opened opened,
      Fit fit,
      List<String> further,
      String checksum,
      long began) {
    List<TensorInfo> tensors = opened.weights().tensors();
    List<String> problems = new ArrayList<>(fit.problems());
    problems.addAll(further);
    long parameters = tensors.stream().mapToLong(info -> info.shape().elements()).sum();
    return new Validation(
        entry.withContent(opened.format(), parameters),
        problems,
        fit.warnings(),
        fit.config(),
        tensors.size(),
        checksum,
        since(began));
  }

  private static Duration since(long began) {
    return Duration.ofNanos(System.nanoTime() - began);
  }

  private static Sum await(FutureTask<Sum> summing) throws IOException {
    try {
      return summing.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TantraException(ErrorKind.CANCELLED, "Interrupted while validating.", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case TantraException told -> throw told;
        case null, default ->
            throw new TantraException(ErrorKind.INTERNAL, "The checksum failed: " + e + ".", e);
      }
    }
  }

  /// How the weights fit.
  ///
  /// @param config with what they were compared
  private record Fit(List<String> problems, List<String> warnings, String config) {}

  /// A configuration that the weights may follow.
  private record Candidate(String label, Settings config) {}

  private Fit fit(String type, Path file, WeightSource source) {
    try {
      return best(type, source, candidates(type, file, source));
    } catch (TantraException e) { // a type whose plugin is not running
      return new Fit(
          List.of(), List.of("Names and shapes were not compared: " + e.getMessage()), "");
    }
  }

  private List<Candidate> candidates(String type, Path file, WeightSource source) {
    Map<String, Map<String, Object>> sizes = plugins.sizes(type);
    Optional<Settings> own = OwnConfig.of(file, source);
    if (own.isPresent()) {
      return List.of(new Candidate(own.get().origin(), own.get()));
    }
    List<Candidate> candidates = new ArrayList<>();
    Settings configured = plugins.configured(type);
    if (!configured.keys().isEmpty()) {
      candidates.add(new Candidate(configured.origin(), configured));
    }
    sizes.forEach(
        (size, config) -> {
          String label = "size '" + size + "' of " + type;
          candidates.add(new Candidate(label, Settings.of(label, config)));
        });
    return candidates;
  }

  private Fit best(String type, WeightSource source, List<Candidate> candidates) {
    @Nullable WeightCheck nearest = null;
    String label = "";
    List<String> warnings = new ArrayList<>();
    for (Candidate candidate : candidates) {
      WeightCheck check = check(type, source, candidate);
      if (check.problems().isEmpty()) {
        if (!check.extra().isEmpty()) {
          warnings.add(
              "The file holds %d weights that %s does not know, '%s' among them."
                  .formatted(
                      check.extra().size(), candidate.label(), check.extra().iterator().next()));
        }
        if (nearest != null && !label.startsWith("size ")) {
          warnings.add(
              "It fits %s, not %s: %s"
                  .formatted(candidate.label(), label, nearest.problems().getFirst()));
        }
        return new Fit(List.of(), warnings, candidate.label());
      }
      if (nearest == null) {
        nearest = check;
        label = candidate.label();
      }
    }
    return nearest == null
        ? new Fit(List.of(), List.of("'" + type + "' plans no weights to compare with."), "")
        : new Fit(nearest.problems(), warnings, label);
  }

  private WeightCheck check(String type, WeightSource source, Candidate candidate) {
    try {
      Optional<WeightPlan> plan = plugins.plan(type, candidate.config());
      return plan.isEmpty()
          ? new WeightCheck(List.of(), Set.of())
          : WeightCheck.of(source.tensors(), plan.get(), candidate.label());
    } catch (TantraException e) {
      return new WeightCheck(List.of(e.getMessage()), Set.of());
    }
  }
}
