package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.Prompt;
import org.tantra.api.Prompt.Message;
import org.tantra.api.Prompt.Role;
import org.tantra.api.TantraException;
import org.tantra.api.TextRecognition.Recognition;
import org.tantra.host.Host;
import org.tantra.host.HostOptions;
import org.tantra.host.resolve.Attempt;
import org.tantra.host.resolve.ModelStatus;
import org.tantra.host.resolve.Result;
import org.tantra.host.resolve.Served;
import org.tantra.host.weights.Conversion;
import org.tantra.host.weights.WeightGenerator;
import org.tantra.runtimes.CallOptions;
import org.tantra.runtimes.Completion;
import org.tantra.runtimes.MambaRuntime;
import org.tantra.runtimes.TantraRuntime;
import org.tantra.runtimes.TextOptions;
import org.tantra.runtimes.TextRuntime;
import org.tantra.testkit.SamplePictures;

/// The runtimes for Java programs over a host with its real plugins, as `docs/java.md` shows them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JavaGuideTest {
  private static final Pattern SNIPPET = Pattern.compile("(?s)```java\n(.*?)```");

  private Path home;
  private Path picture;
  private Host host;
  private long tantraParameters;

  @BeforeAll
  void open(@TempDir Path folder) throws IOException {
    home = folder;
    fill(home, List.of("lite", "gpt2", "mamba", "tantra", "safetensors"));
    for (String model : List.of("mamba", "mamba_multimodal")) {
      Files.writeString(
          home.resolve("Config").resolve(model + ".yaml"), "needs: {generate: true}\n");
    }
    picture = Files.write(home.resolve("page.png"), SamplePictures.file("rgb.png"));
    host = Host.open(HostOptions.at(home));
    tantraParameters =
        host.weights()
            .generator()
            .generate(
                new WeightGenerator.Order(
                    "tantra",
                    Map.of(
                        "vocab_size",
                        256,
                        "d_model",
                        32,
                        "num_layers",
                        1,
                        "dim_feedforward",
                        64,
                        "max_len",
                        40),
                    7,
                    home.resolve("Model/tantra/model.safetensors"),
                    null,
                    false),
                Conversion.Listener.NONE,
                Cancellation.NEVER)
            .parameters();
  }

  private static void fill(Path home, List<String> plugins) throws IOException {
    Installation.fill(home, plugins);
    Path config = home.resolve("Config/host.yaml");
    Files.writeString(
        config, Files.readString(config).replace("models: {", "models: {default: text-lite, "));
  }

  @AfterAll
  void close() {
    host.close();
  }

  @Test
  void everySnippetOfTheGuideIsCodeOfThisTest() throws IOException {
    String code =
        withoutLayout(
            Files.readString(
                Installation.ROOT.resolve("it/src/test/java/org/tantra/it/JavaGuideTest.java")));
    List<String> snippets = new ArrayList<>();
    for (String document : List.of("README.md", "docs/java.md")) {
      SNIPPET
          .matcher(Files.readString(Installation.ROOT.resolve(document)))
          .results()
          .forEach(result -> snippets.add(result.group(1)));
    }

    assertEquals(8, snippets.size());
    for (String snippet : snippets) {
      assertTrue(code.contains(withoutLayout(snippet)), () -> "not in this test: " + snippet);
    }
  }

  private static String withoutLayout(String code) {
    return code.replaceAll("\\s+", " ").strip();
  }

  @Test
  void firstText(@TempDir Path home) throws IOException {
    fill(home, List.of("lite"));
    try (Host host = Host.open(HostOptions.at(home))) {
      TextRuntime text = TextRuntime.of(host);
      System.out.println(text.generate("The lighthouse keeper").text());
    }
  }

  @Test
  void standInSaysWhoItIs() {
    TextRuntime text = TextRuntime.of(host, "distilgpt2");
    TextOptions options =
        TextOptions.DEFAULT.withMaxTokens(40).withTemperature(0.7).withSeed(5).withStop("\n\n");
    Completion completion = text.generate("Once upon a time", options);
    System.out.println(completion.text() + " (" + completion.finish() + ")");

    Served served = completion.served();
    if (served.byStandIn()) {
      System.err.println(served.model() + " stands in for " + served.requested() + ":");
      for (Attempt attempt : served.attempts()) {
        System.err.println("  " + attempt.model() + ": " + attempt.reason());
      }
    }

    assertEquals("text-lite", served.model());
    assertEquals(completion.text(), text.generate("Once upon a time", options).text());
    TantraException refused =
        assertThrows(
            TantraException.class,
            () -> text.generate("Once upon a time", options.withStandIns(false)));
    assertEquals(ErrorKind.NOT_FOUND, refused.kind());
  }

  @Test
  void streamIsTheSameTextInPieces() {
    TextRuntime text = TextRuntime.of(host);
    TextOptions options = TextOptions.DEFAULT.withMaxTokens(40).withSeed(5);
    AtomicBoolean stop = new AtomicBoolean(); // set by any thread
    TextOptions patient = options.withTimeout(Duration.ofSeconds(30)).withCancellation(stop::get);
    text.stream(new Prompt.Text("Once upon a time"), patient, System.out::print);

    StringBuilder pieces = new StringBuilder();
    Completion streamed = text.stream(new Prompt.Text("Once upon a time"), patient, pieces::append);
    assertEquals(streamed.text(), pieces.toString());
    assertEquals(text.generate("Once upon a time", options).text(), streamed.text());
    assertEquals(40, streamed.tokens().size());
    assertEquals(FinishReason.LENGTH, streamed.finish());
  }

  @Test
  void answerEndsWithinOneTokenOfItsCancellation() {
    TextRuntime text = TextRuntime.of(host);
    AtomicBoolean stop = new AtomicBoolean();
    List<String> pieces = new ArrayList<>();
    TantraException cancelled =
        assertThrows(
            TantraException.class,
            () ->
                text.stream(
                    new Prompt.Text("Once upon a time"),
                    TextOptions.DEFAULT.withCancellation(stop::get),
                    piece -> {
                      pieces.add(piece);
                      stop.set(pieces.size() == 3);
                    }));

    assertEquals(ErrorKind.CANCELLED, cancelled.kind());
    assertEquals(3, pieces.size());
  }

  @Test
  void answerEndsWhenItsTimeIsOver() {
    TextOptions hasty = TextOptions.DEFAULT.withTimeout(Duration.ofNanos(1));
    TextRuntime text = TextRuntime.of(host);
    TantraException late =
        assertThrows(TantraException.class, () -> text.generate("Once upon a time", hasty));

    assertEquals(ErrorKind.CANCELLED, late.kind());
    assertEquals("timeout", late.code());
    assertTrue(late.getMessage().contains("text-lite"), late::getMessage);
  }

  @Test
  void interruptEndsTheAnswerAndIsKept(@TempDir Path home) throws IOException {
    fill(home, List.of("lite"));
    try (Host host = Host.open(HostOptions.at(home))) {
      TextRuntime text = TextRuntime.of(host);
      Thread.currentThread().interrupt();
      TantraException interrupted =
          assertThrows(TantraException.class, () -> text.generate("Once upon a time"));

      assertTrue(Thread.interrupted());
      assertEquals(ErrorKind.CANCELLED, interrupted.kind());
      assertEquals("text-lite", text.generate("Once upon a time").served().model());
    }
  }

  @Test
  void readersErrorIsThrownOn() {
    IllegalStateException full = new IllegalStateException("the page is full");

    assertEquals(
        full,
        assertThrows(
            IllegalStateException.class,
            () ->
                TextRuntime.of(host).stream(
                    new Prompt.Text("Once upon a time"),
                    TextOptions.DEFAULT,
                    _ -> {
                      throw full;
                    })));
  }

  @Test
  void conversationsAndTokens() {
    TextRuntime text = TextRuntime.of(host);
    TextOptions options = TextOptions.DEFAULT.withMaxTokens(20).withSeed(5);
    List<Message> turns =
        List.of(Message.of(Role.SYSTEM, "Be brief."), Message.of(Role.USER, "What is the sea?"));
    System.out.println(text.chat(turns, options).text());

    for (Generation.Token token : text.tokens("What is the sea?")) {
      System.out.println(token.id() + " " + token.text() + " " + token.logprob());
    }

    List<Generation.Token> tokens = text.tokens("What is the sea?");
    assertEquals(
        "What is the sea?", String.join("", tokens.stream().map(Generation.Token::text).toList()));
    assertTrue(Double.isNaN(tokens.getFirst().logprob()));
    assertTrue(tokens.stream().skip(1).allMatch(token -> token.logprob() <= 0), tokens::toString);
    assertEquals(20, text.chat(turns, options).usage().completionTokens());
  }

  @Test
  void mambaWritesAndLooksAtPictures() {
    TextOptions options = TextOptions.DEFAULT.withMaxTokens(8).withSeed(5).withStandIns(false);
    MambaRuntime mamba = MambaRuntime.of(host);
    System.out.println(mamba.generate("Once upon a time", options).text());
    System.out.println(
        mamba.generate("What is it?", List.of(MambaRuntime.picture(picture)), options).text());

    Completion described =
        mamba.generate("What is it?", List.of(MambaRuntime.picture(picture)), options);
    assertEquals("mamba_multimodal", described.served().model());
    assertTrue(described.served().untrained());
    assertTrue(
        described.usage().measures().getOrDefault("media_tokens", 0.0) > 0, described::toString);
    assertEquals("mamba", mamba.generate("Once upon a time", options).served().model());
    assertEquals(ModelStatus.State.READY, mamba.modelInfo().state());
    assertTrue(mamba.multimodalInfo().parameters() > 100_000, () -> "" + mamba.multimodalInfo());
  }

  @Test
  void tantraWritesReadsPicturesAndSaysWhoItIs() {
    TextOptions options = TextOptions.DEFAULT.withMaxTokens(8).withSeed(5);
    TantraRuntime tantra = TantraRuntime.of(host);
    System.out.println(tantra.generateText("Once upon a time", options).text());
    System.out.println(tantra.processOcr(picture).value().text());
    ModelStatus info = tantra.modelInfo();
    System.out.println(info.title() + ": " + info.parameters() + " parameters");

    assertEquals(tantraParameters, info.parameters());
    Result<Recognition> read = tantra.processOcr(SamplePictures.file("rgb.png"));
    assertEquals("tantra", read.served().model());
    assertEquals(tantra.processOcr(picture).value(), read.value());
    assertFalse(read.value().lines().isEmpty());
  }

  @Test
  void filesAtFaultAreNamed() throws IOException {
    TantraRuntime tantra = TantraRuntime.of(host);
    Path text = Files.writeString(home.resolve("notes.txt"), "This is a text.");
    TantraException noPicture = assertThrows(TantraException.class, () -> tantra.processOcr(text));
    TantraException nothing =
        assertThrows(TantraException.class, () -> tantra.processOcr(home.resolve("no.png")));

    assertEquals(ErrorKind.INVALID, noPicture.kind());
    assertTrue(noPicture.getMessage().startsWith("'" + text), noPicture::getMessage);
    assertEquals(ErrorKind.NOT_FOUND, nothing.kind());
  }

  @Test
  void whatIsNotSaidIsAsTheModelsFileSays() throws IOException {
    Files.writeString(
        home.resolve("Config/distilgpt2.yaml"), "serve: {max_tokens: 7, temperature: 0}\n");
    TextRuntime text = TextRuntime.of(host, "distilgpt2");
    Completion first = text.generate("Once upon a time");

    assertEquals(7, first.usage().completionTokens());
    assertEquals(first.text(), text.generate("Once upon a time").text());
  }

  @Test
  void mistakesAreTold() {
    TextRuntime nobody = TextRuntime.of(host, "gpt-17");
    TextRuntime text = TextRuntime.of(host);

    for (TantraException unknown :
        List.of(
            assertThrows(TantraException.class, nobody::modelInfo),
            assertThrows(TantraException.class, () -> nobody.generate("Hello")))) {
      assertEquals("model_not_found", unknown.code());
    }
    TantraException hot =
        assertThrows(
            TantraException.class,
            () -> text.generate("Hello", TextOptions.DEFAULT.withTemperature(3)));
    assertEquals("temperature", hot.subject());
    TantraException never =
        assertThrows(TantraException.class, () -> CallOptions.DEFAULT.withTimeout(Duration.ZERO));
    assertEquals(ErrorKind.INVALID, never.kind());
  }
}
