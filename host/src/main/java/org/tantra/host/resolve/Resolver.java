package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.Generation;
import org.tantra.api.Prompt;
import org.tantra.api.TantraException;
import org.tantra.api.Task;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRequest;
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

  private final ModelCatalog catalog;
  private final ConfigFolder configs;
  private final LoadedModels loaded;
  private final PluginThreads threads;
  private final Duration answerTimeout;
  private final boolean lowResource;

  Resolver(
      ModelCatalog catalog,
      ConfigFolder configs,
      LoadedModels loaded,
      PluginThreads threads,
      Duration answerTimeout,
      boolean lowResource) {
    this.catalog = catalog;
    this.configs = configs;
    this.loaded = loaded;
    this.threads = threads;
    this.answerTimeout = answerTimeout;
    this.lowResource = lowResource;
  }

  /// Answers a text call.
  ///
  /// @throws UnservedException if every candidate declined
  TextAnswer generate(TextCall call) {
    List<KnownModel> chain = catalog.chain(call.model());
    boolean fallback =
        call.fallback() && !configs.model(call.model()).required() && !speaksInTokenIds(call);
    List<Attempt> attempts = new ArrayList<>();
    for (KnownModel candidate : fallback ? chain : chain.subList(0, 1)) {
      Optional<Attempt> policy = policy(candidate, chain, fallback);
      if (policy.isPresent()) {
        attempts.add(policy.get());
        continue;
      }
      switch (loaded.use(candidate, call.cancellation())) {
        case LoadedModels.Answer.No(Attempt attempt) -> attempts.add(attempt);
        case LoadedModels.Answer.Yes(LoadedInstance instance) -> {
          Optional<TextAnswer> answer = begin(call, instance, attempts);
          if (answer.isPresent()) {
            return answer.get();
          }
        }
      }
    }
    throw UnservedException.of(attempts, !fallback);
  }

  /// Token ids belong to the tokenizer of the model that was named: another one would take them for
  /// other words.
  private static boolean speaksInTokenIds(TextCall call) {
    return call.request().prompt() instanceof Prompt.Tokens
        || !call.request().sampling().logitBias().isEmpty();
  }

  private Optional<Attempt> policy(KnownModel candidate, List<KnownModel> chain, boolean fallback) {
    Set<String> tasks = candidate.tasks();
    if (!tasks.isEmpty() && !tasks.contains(Task.TEXT.id())) {
      return Optional.of(
          declined(
              candidate,
              "Model '"
                  + candidate.id()
                  + "' does not write text; it is for "
                  + String.join(", ", tasks)
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
                  + candidate.id()
                  + "', which is not meant for small machines."));
    }
    return Optional.empty();
  }

  private static Attempt declined(KnownModel candidate, String reason) {
    return new Attempt(candidate.id(), Attempt.Kind.POLICY, reason);
  }

  /// Starts the request on a loaded model and waits for its first piece.
  ///
  /// @return nothing if the model failed, which is then noted in `attempts`
  private Optional<TextAnswer> begin(
      TextCall call, LoadedInstance instance, List<Attempt> attempts) {
    Worker worker =
        threads.worker(
            new PluginCall(
                instance.basis().plugin().toString(),
                instance.lease().contextClassLoader(),
                "answering with model '" + instance.id() + "'",
                limit(instance)));
    RunningAnswer answer = new RunningAnswer(worker, instance, loaded, call.cancellation());
    boolean handedOut = false;
    try {
      Generation generation =
          worker.call(
              () -> requireNonNull(start(instance, call.request()), "generate() gave null"),
              Generation::close,
              call.cancellation());
      answer.start(generation);
      Optional<Generation.Piece> piece =
          worker.call(
              () -> requireNonNull(generation.next(), "next() gave null"),
              _ -> {},
              call.cancellation());
      answer.begun(
          new Served(
              call.model(),
              instance.id(),
              instance.basis().plugin(),
              instance.fingerprint(),
              instance.untrained(),
              attempts),
          piece);
      handedOut = true;
      return Optional.of(answer);
    } catch (TantraException e) {
      attempts.add(declined(call, instance, e));
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

  private static Generation start(LoadedInstance instance, TextRequest request) {
    return instance
        .model()
        .as(TextGeneration.class)
        .orElseThrow(
            () ->
                new TantraException(
                    ErrorKind.UNSUPPORTED, "Model '" + instance.id() + "' cannot generate text."))
        .generate(request);
  }

  /// Notes a failure before the first token.
  ///
  /// @throws TantraException the failure itself, if it ends the search: the caller has gone, or the
  ///   model he named calls his request invalid. What a stand-in finds invalid may suit the next.
  private Attempt declined(TextCall call, LoadedInstance instance, TantraException failure) {
    boolean invalid = failure.kind() == ErrorKind.INVALID;
    if (failure.kind() == ErrorKind.CANCELLED || (invalid && instance.id().equals(call.model()))) {
      throw failure;
    }
    if (invalid || failure.kind() == ErrorKind.UNSUPPORTED) {
      return new Attempt(instance.id(), Attempt.Kind.UNSUPPORTED, failure.getMessage());
    }
    log.warn("Model '{}' failed before its first token: {}", instance.id(), failure.getMessage());
    loaded.answerFailed(instance, failure.getMessage());
    return new Attempt(instance.id(), Attempt.Kind.ANSWER_FAILED, failure.getMessage());
  }
}
