package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.Answer;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.concurrent.PluginCall;
import org.tantra.host.concurrent.PluginThreads;
import org.tantra.host.concurrent.Worker;
import org.tantra.host.config.ConfigFolder;

/// Asks the candidates of a chain in order until one has begun to answer.
///
/// Each candidate is asked: is its plugin running, does policy allow it, are its weights there,
/// does it rest after failures, does it fit; then it is loaded and computes its first piece. The
/// first refusal becomes an [Attempt] and the next candidate is asked. The caller's own mistakes
/// (`INVALID`) and its leaving (`CANCELLED`) end the search at once.
final class Resolver {
  private static final Logger log = LoggerFactory.getLogger(Resolver.class);

  private final ConfigFolder configs;
  private final LoadedModels loaded;
  private final PluginThreads threads;
  private final Duration answerTimeout;
  private final boolean lowResource;

  Resolver(
      ConfigFolder configs,
      LoadedModels loaded,
      PluginThreads threads,
      Duration answerTimeout,
      boolean lowResource) {
    this.configs = configs;
    this.loaded = loaded;
    this.threads = threads;
    this.answerTimeout = answerTimeout;
    this.lowResource = lowResource;
  }

  /// Answers a call, whatever it wants.
  ///
  /// @param chain who is asked, in order; at least one
  /// @throws UnservedException if every candidate declined
  <P, A extends Answer<P>> RunningAnswer<P, A> answer(
      List<KnownModel> chain, Call<?> call, Job<A> job) {
    String requested = chain.getFirst().name();
    boolean fallback = call.fallback() && !configs.model(requested).required() && !job.bound();
    Asking<A> asking = new Asking<>(requested, job, call.cancellation());
    for (KnownModel candidate : fallback ? chain : chain.subList(0, 1)) {
      Optional<Attempt> policy = policy(candidate, chain, fallback, job);
      if (policy.isPresent()) {
        asking.attempts().add(policy.get());
        continue;
      }
      switch (loaded.use(candidate, call.cancellation())) {
        case LoadedModels.Answer.No(Attempt attempt) -> asking.attempts().add(attempt);
        case LoadedModels.Answer.Yes(LoadedInstance instance) -> {
          Optional<RunningAnswer<P, A>> answer = begin(asking, instance);
          if (answer.isPresent()) {
            return answer.get();
          }
        }
      }
    }
    throw asking.unserved(!fallback);
  }

  /// A chain being asked.
  ///
  /// @param requested the first choice
  /// @param attempts who has declined so far
  /// @param mistakes what stand-ins called the caller's own mistake
  private record Asking<A extends Answer<?>>(
      String requested,
      Job<A> job,
      Cancellation cancellation,
      List<Attempt> attempts,
      List<TantraException> mistakes) {
    Asking(String requested, Job<A> job, Cancellation cancellation) {
      this(requested, job, cancellation, new ArrayList<>(), new ArrayList<>());
    }

    /// Nobody answered. If somebody looked at the request itself and found it wrong, that is the
    /// reason the caller can do something about.
    UnservedException unserved(boolean fallbackRefused) {
      return mistakes.isEmpty()
          ? UnservedException.of(attempts, fallbackRefused)
          : UnservedException.mistake(attempts, mistakes.getFirst());
    }
  }

  private Optional<Attempt> policy(
      KnownModel candidate, List<KnownModel> chain, boolean fallback, Job<?> job) {
    Set<String> tasks = candidate.tasks();
    if (!tasks.isEmpty() && !tasks.containsAll(job.tasks())) {
      return Optional.of(
          declined(
              candidate,
              candidate.id().capital()
                  + " does not "
                  + job.doing()
                  + "; it is for "
                  + String.join(", ", new TreeSet<>(tasks))
                  + "."));
    }
    if (lowResource
        && fallback
        && !candidate.lowResource()
        && chain.stream().anyMatch(KnownModel::lowResource)) {
      return Optional.of(
          declined(
              candidate,
              "Low-resource mode skips '"
                  + candidate.name()
                  + "', which is not meant for small machines."));
    }
    return Optional.empty();
  }

  private static Attempt declined(KnownModel candidate, String reason) {
    return new Attempt(candidate.name(), Attempt.Kind.POLICY, reason);
  }

  /// Starts the request on a loaded model and waits for its first piece.
  ///
  /// @return nothing if the model failed, which is then noted among the attempts
  private <P, A extends Answer<P>> Optional<RunningAnswer<P, A>> begin(
      Asking<A> asking, LoadedInstance instance) {
    Worker worker =
        threads.worker(
            new PluginCall(
                instance.basis().plugin().toString(),
                instance.lease().contextClassLoader(),
                "answering with " + instance.id(),
                limit(instance)));
    RunningAnswer<P, A> answer =
        new RunningAnswer<>(worker, instance, loaded, asking.cancellation());
    boolean handedOut = false;
    try {
      A started =
          worker.call(() -> start(instance, asking.job()), Answer::close, asking.cancellation());
      answer.start(started);
      Optional<P> piece =
          worker.call(
              () -> requireNonNull(started.next(), "next() gave null"),
              _ -> {},
              asking.cancellation());
      answer.begun(
          new Served(
              asking.requested(),
              instance.id().name(),
              instance.basis().plugin(),
              instance.fingerprint(),
              instance.untrained(),
              asking.attempts()),
          piece);
      handedOut = true;
      return Optional.of(answer);
    } catch (TantraException e) {
      asking.attempts().add(declined(asking, instance, e));
      return Optional.empty();
    } finally {
      if (!handedOut) {
        answer.close();
      }
    }
  }

  /// How long one step of the answer may take: what the model's own file says, if it does.
  private Duration limit(LoadedInstance instance) {
    Duration own = instance.basis().config().serve().generateTimeout();
    return own == null ? answerTimeout : own;
  }

  private static <A extends Answer<?>> A start(LoadedInstance instance, Job<A> job) {
    return job.start()
        .apply(instance.model())
        .orElseThrow(
            () ->
                new TantraException(
                    ErrorKind.UNSUPPORTED,
                    instance.id().capital() + " cannot " + job.doing() + "."));
  }

  /// Notes a failure before the first piece.
  ///
  /// @throws TantraException the failure itself, if it ends the search: the caller has gone, or the
  ///   model he named calls his request invalid. What a stand-in finds invalid may suit the next.
  private Attempt declined(Asking<?> asking, LoadedInstance instance, TantraException failure) {
    String name = instance.id().name();
    boolean invalid = failure.kind() == ErrorKind.INVALID;
    if (failure.kind() == ErrorKind.CANCELLED || (invalid && name.equals(asking.requested()))) {
      throw failure;
    }
    if (invalid) {
      asking.mistakes().add(failure);
    }
    if (invalid || failure.kind() == ErrorKind.UNSUPPORTED) {
      return new Attempt(name, Attempt.Kind.UNSUPPORTED, failure.getMessage());
    }
    log.warn("{} failed before its first piece: {}", instance.id().capital(), failure.getMessage());
    loaded.answerFailed(instance, failure.getMessage());
    return new Attempt(name, Attempt.Kind.ANSWER_FAILED, failure.getMessage());
  }
}
