package org.tantra.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tantra.api.Capability;
import org.tantra.api.ErrorKind;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ModelInfo;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TantraException;
import org.tantra.api.Task;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRequest;

/// What every [Model] keeps to. A plugin's test class extends it and names the extension:
///
/// ```java
/// final class StorytellerContractTest extends ModelContract {
///   @Override protected Model model() { return new StorytellerModel(); }
/// }
/// ```
///
/// A model with weights hands them in by [#context()]. The promises of [TextGeneration] are checked
/// if the model names the task `text`, and skipped otherwise.
///
/// The class is long because the promises are many; it is a flat list of them.
public abstract class ModelContract {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int TOKENS = 24;

  @SuppressWarnings("NullAway.Init") // set by load() before each test
  private LoadedModel loaded;

  /// A new object of the extension under test.
  protected abstract Model model();

  /// What it is loaded with.
  protected TestLoadContext context() {
    return TestLoadContext.empty();
  }

  /// A prompt that the model continues with at least a few tokens at any seed.
  protected Prompt prompt() {
    return new Prompt.Text("The river");
  }

  @BeforeEach
  void load() {
    loaded = model().load(context());
  }

  @AfterEach
  void close() {
    loaded.close();
  }

  // ---- who it is

  @Test
  void isFoundAsAService() {
    Class<?> type = model().getClass();
    assertTrue(
        ServiceLoader.load(Model.class).stream().anyMatch(provider -> provider.type() == type),
        () -> type.getName() + " is not listed in META-INF/services");
  }

  @Test
  void infoIsTheSameForEveryObject() {
    assertEquals(model().info(), model().info());
  }

  // ---- loading and closing

  @Test
  void secondLoadHasTheSameFingerprint() {
    assertFalse(loaded.fingerprint().isBlank());
    try (LoadedModel second = model().load(context())) {
      assertEquals(loaded.fingerprint(), second.fingerprint());
    }
  }

  @Test
  void acceptsItself() {
    model().verify(loaded);
  }

  @Test
  void residentBytesAreNotNegative() {
    assertTrue(loaded.residentBytes() >= 0, () -> loaded.residentBytes() + " bytes");
  }

  @Test
  void secondCloseIsHarmless() {
    LoadedModel second = model().load(context());
    second.close();
    second.close();
  }

  @Test
  void closingOneCopyLeavesAnotherUsable() {
    model().load(context()).close();
    exercise(loaded);
  }

  @Test
  void cancelledLoadFailsAsCancelledOrSucceeds() {
    try (LoadedModel quick = model().load(context().withCancellation(() -> true))) {
      exercise(quick);
    } catch (TantraException e) {
      assertEquals(ErrorKind.CANCELLED, e.kind());
    }
  }

  @Test
  void closeLeavesNoThreadBehind() throws InterruptedException {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    try (LoadedModel other = model().load(context())) {
      exercise(other);
    }
    Set<Thread> left = new HashSet<>(Thread.getAllStackTraces().keySet());
    left.removeAll(before);
    left.removeIf(thread -> thread.getName().startsWith("ForkJoinPool.commonPool"));
    for (Thread thread : left) {
      assertTrue(thread.join(LIMIT), () -> thread + " outlives the model");
    }
  }

  @Test
  void closeLeavesNoClassBehind() throws Exception {
    WeakReference<ClassLoader> copy = runInOwnLoader();
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!copy.refersTo(null)) {
      if (System.nanoTime() > end) {
        fail("the plugin's class loader was not collected: a thread, a static or a cache holds it");
      }
      System.gc();
    }
  }

  /// Runs a copy of the model in a class loader of its own, on a thread that ends.
  private WeakReference<ClassLoader> runInOwnLoader() throws Exception {
    Class<? extends Model> type = model().getClass();
    FutureTask<WeakReference<ClassLoader>> run =
        new FutureTask<>(
            () -> {
              try (PluginCopyLoader loader = PluginCopyLoader.of(type)) {
                Class<?> copy = Class.forName(type.getName(), true, loader);
                Model model = (Model) copy.getConstructor().newInstance();
                try (LoadedModel running = model.load(context())) {
                  exercise(running);
                }
                return new WeakReference<>(loader);
              }
            });
    Thread thread = Thread.ofPlatform().start(run);
    WeakReference<ClassLoader> copy = run.get();
    thread.join();
    return copy;
  }

  // ---- capabilities

  @Test
  void hasWhatItsTasksSayAndNothingElse() {
    ModelInfo info = model().info();
    assertEquals(
        info.tasks().contains(Task.TEXT), loaded.as(TextGeneration.class).isPresent(), "text");
    assertEquals(Optional.empty(), loaded.as(Unheard.class));
  }

  /// A capability that no model has.
  private interface Unheard extends Capability {}

  // ---- text: determinism

  @Test
  void sameSeedGivesSameTokens() {
    TextRequest request = request(TOKENS).with(Sampling.DEFAULT.withSeed(11));
    Answer first = Answer.to(request, text());
    assertFalse(first.tokens().isEmpty(), "the model says nothing to the contract's prompt");
    assertEquals(first.ids(), Answer.to(request, text()).ids());
  }

  /// Log-probabilities too: in company a request has the very numbers it has alone.
  @Test
  void requestsAtTheSameTimeDoNotChangeEachOther() throws Exception {
    TextGeneration text = text();
    List<TextRequest> requests =
        Stream.iterate(1, i -> i + 1)
            .map(
                i ->
                    new TextRequest(
                        prompt(), TOKENS - i, Sampling.DEFAULT.withSeed(i), List.of(), 1, false))
            .limit(6)
            .toList();
    List<Answer> alone = requests.stream().map(request -> Answer.to(request, text)).toList();
    List<FutureTask<Answer>> runs =
        requests.stream().map(request -> new FutureTask<>(() -> Answer.to(request, text))).toList();
    runs.forEach(run -> Thread.ofPlatform().start(run));
    for (int i = 0; i < runs.size(); i++) {
      assertEquals(alone.get(i), runs.get(i).get());
    }
  }

  // ---- text: ending

  @Test
  void maxTokensIsRespected() {
    for (int limit : new int[] {1, 2, 7}) {
      Answer answer = Answer.to(request(limit), text());
      assertTrue(answer.tokens().size() <= limit, () -> answer.tokens().size() + " of " + limit);
      if (answer.finishReason() == FinishReason.LENGTH) {
        assertEquals(limit, answer.tokens().size());
      }
    }
  }

  @Test
  void zeroTokensAreNone() {
    Answer answer = Answer.to(request(0), text());
    assertEquals("", answer.text());
    assertEquals(0, answer.usage().completionTokens());
  }

  @Test
  void stopTextEndsTheAnswerAndIsNotPartOfIt() {
    String whole = Answer.to(request(TOKENS), text()).text();
    assumeTrue(whole.length() > 3, "nothing to stop at");
    String stop = whole.substring(2, whole.offsetByCodePoints(2, 1));
    TextRequest stopped =
        new TextRequest(prompt(), TOKENS, Sampling.GREEDY, List.of(stop), -1, false);
    Answer answer = Answer.to(stopped, text());
    assertEquals(whole.substring(0, whole.indexOf(stop)), answer.text());
    assertEquals(FinishReason.STOP, answer.finishReason());
  }

  @Test
  void cancellationEndsWithinOneToken() throws InterruptedException {
    try (Generation generation = text().generate(request(TOKENS))) {
      assertTrue(generation.next().isPresent());
      Thread other = Thread.ofPlatform().start(generation::cancel);
      other.join();
      Answer rest = Answer.rest(generation);
      assertTrue(rest.tokens().size() <= 1, () -> rest.tokens().size() + " more tokens");
      assertEquals(FinishReason.CANCELLED, rest.finishReason());
    }
  }

  @Test
  void cancellationBeforeTheFirstStepGivesNothing() {
    try (Generation generation = text().generate(request(TOKENS))) {
      generation.cancel();
      assertEquals(Optional.empty(), generation.next());
      assertEquals(FinishReason.CANCELLED, generation.finishReason());
    }
  }

  @Test
  void cancellationAfterTheEndIsHarmless() {
    try (Generation generation = text().generate(request(2))) {
      FinishReason reason = Answer.rest(generation).finishReason();
      generation.cancel();
      assertEquals(Optional.empty(), generation.next());
      assertEquals(reason, generation.finishReason());
    }
  }

  @Test
  void finishReasonIsUnknownBeforeTheEnd() {
    try (Generation generation = text().generate(request(TOKENS))) {
      assertThrows(IllegalStateException.class, generation::finishReason);
    }
  }

  @Test
  void generationMayBeClosedEarlyAndTwice() {
    Generation generation = text().generate(request(TOKENS));
    generation.next();
    generation.close();
    generation.close();
  }

  // ---- text: what is reported

  @Test
  void piecesMakeUpTheText() {
    Answer answer = Answer.to(request(TOKENS).with(Sampling.DEFAULT.withSeed(13)), text());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    answer.tokens().forEach(token -> token.bytes().forEach(bytes::write));
    assertEquals(bytes.toString(UTF_8), answer.text());
    assertEquals(answer.text(), new String(answer.text().getBytes(UTF_8), UTF_8));
  }

  @Test
  void usageAddsUp() {
    Prompt prompt = new Prompt.Text("One two three.");
    Answer answer = Answer.to(TextRequest.of(prompt, TOKENS), text());
    assertEquals(answer.tokens().size(), answer.usage().completionTokens());
    int tokens = text().tokenize("One two three.").size();
    assertTrue(
        answer.usage().promptTokens() >= tokens,
        () -> answer.usage().promptTokens() + " tokens, the tokenizer says " + tokens);
  }

  @Test
  void tokenIdsAreInsideTheVocabulary() {
    int vocab = text().vocab();
    for (int id : Answer.to(request(TOKENS), text()).ids()) {
      assertTrue(id >= 0 && id < vocab, () -> id + " of " + vocab);
    }
  }

  @Test
  void logProbabilitiesAreReportedIfAskedFor() {
    TextRequest asking = new TextRequest(prompt(), 4, Sampling.GREEDY, List.of(), 3, false);
    for (Generation.Token token : Answer.to(asking, text()).tokens()) {
      assertTrue(token.logprob() <= 1e-6, () -> "logprob " + token.logprob());
      assertTrue(token.alternatives().size() <= 3);
      List<Double> falling = token.alternatives().stream().map(t -> -t.logprob()).sorted().toList();
      assertEquals(falling, token.alternatives().stream().map(t -> -t.logprob()).toList());
    }
    for (Generation.Token token : Answer.to(request(4), text()).tokens()) {
      assertTrue(Double.isNaN(token.logprob()), "a logprob that nobody asked for");
    }
  }

  // ---- text: what is refused

  @Test
  void logitBiasBeyondTheVocabularyIsInvalid() {
    Sampling bias = new Sampling(1, 0, 1, 0, 0, 0, 1, Map.of(text().vocab(), 1.0), 0L);
    assertEquals("logit_bias", refused(request(TOKENS).with(bias)).subject());
  }

  @Test
  void tokenIdBeyondTheVocabularyIsInvalid() {
    refused(TextRequest.of(new Prompt.Tokens(List.of(text().vocab())), TOKENS));
    refused(TextRequest.of(new Prompt.Tokens(List.of(-1)), TOKENS));
  }

  @Test
  void moreTokensThanTheContextHoldsAreInvalid() {
    TantraException refusal = refused(request(text().contextTokens()));
    assertEquals("context_length_exceeded", refusal.code());
  }

  private TantraException refused(TextRequest request) {
    TextGeneration text = text();
    TantraException refusal =
        assertThrows(TantraException.class, () -> text.generate(request).close());
    assertEquals(ErrorKind.INVALID, refusal.kind());
    return refusal;
  }

  // ----

  private TextGeneration text() {
    Optional<TextGeneration> text = loaded.as(TextGeneration.class);
    assumeTrue(text.isPresent(), "not a text model");
    return text.orElseThrow();
  }

  private TextRequest request(int tokens) {
    return TextRequest.of(prompt(), tokens).with(Sampling.GREEDY);
  }

  /// Makes the model do some work, if the contract knows how.
  private void exercise(LoadedModel running) {
    running.as(TextGeneration.class).ifPresent(text -> Answer.to(request(TOKENS), text));
  }
}
