package org.tantra.plugin.lite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.FinishReason;
import org.tantra.api.LoadedModel;
import org.tantra.api.Needs;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TantraException;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRequest;
import org.tantra.testkit.Answer;
import org.tantra.testkit.TestLoadContext;

final class TextLiteModelTest {
  private static final long MEBIBYTE = 1 << 20;
  private static final Pattern WORD = Pattern.compile("[A-Za-z]+");

  private final LoadedModel loaded = new TextLiteModel().load(TestLoadContext.empty());
  private final TextGeneration text = loaded.as(TextGeneration.class).orElseThrow();

  @Test
  void needsNothingAndHasNoStandIn() {
    assertEquals(Needs.NOTHING, new TextLiteModel().info().needs());
    assertEquals(List.of(), new TextLiteModel().info().fallbacks());
  }

  @Test
  void fingerprintNamesTheCorpus() {
    assertTrue(loaded.fingerprint().matches("builtin-[0-9a-f]{12}"), loaded.fingerprint());
  }

  @Test
  void writesWordsOfTheCorpus() {
    Set<String> known = wordsOfTheCorpus();
    int words = 0;
    int unknown = 0;
    for (long seed = 0; seed < 100; seed++) {
      Sampling sampling = Sampling.DEFAULT.withTemperature(0.7).withSeed(seed);
      String answer = answer(new Prompt.Text(""), 400, sampling).text();
      // The last word may have been cut by the limit.
      List<String> written = words(answer.substring(0, answer.lastIndexOf(' ')));
      words += written.size();
      unknown += (int) written.stream().filter(word -> !known.contains(word)).count();
    }
    int total = words;
    assertTrue(total > 3000, () -> total + " words");
    assertTrue(unknown <= words / 20, unknown + " unknown words of " + words);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "\n\n",
        "xqzzt flurb 17",
        "\u00bfQu\u00e9 tal?",
        "\ud83c\udf27",
        "{\"a\": [",
        "The"
      })
  void answersAnyText(String prompt) {
    for (double temperature : new double[] {0, 0.7, 1, 2}) {
      Answer answer =
          answer(
              new Prompt.Text(prompt),
              120,
              Sampling.DEFAULT.withTemperature(temperature).withSeed(3));
      assertFalse(answer.text().isBlank(), () -> "nothing after '" + prompt + "'");
      assertTrue(answer.text().chars().allMatch(c -> c >= ' ' && c < 127), answer.text());
    }
  }

  @Test
  void answersAnyBytes() {
    Random random = new Random(5);
    for (int i = 0; i < 50; i++) {
      List<Integer> bytes = random.ints(1 + i, 0, 257).boxed().toList();
      Answer answer = answer(new Prompt.Tokens(bytes), 60, Sampling.DEFAULT.withSeed(i));
      assertTrue(answer.text().chars().allMatch(c -> c >= ' ' && c < 127), answer.text());
    }
  }

  @Test
  void answersVeryLongPrompts() {
    String filling = "aaaa bbbb ".repeat(text.contextTokens() / 10 - 20);
    assertTrue(
        answer(new Prompt.Text(filling + "The river"), 40, Sampling.GREEDY).text().contains("s"));
    assertTrue(
        answer(new Prompt.Text("a".repeat(50_000)), 40, Sampling.GREEDY).text().length() > 20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"How does rain form?", "what is RAIN", "Tell me about the rain, please."})
  void questionFindsItsAnswer(String question) {
    String answer = answer(chat(question), null, Sampling.GREEDY).text();
    assertTrue(answer.contains("vapour"), answer);
  }

  @Test
  void questionBeyondTheCorpusIsAdmitted() {
    String answer = answer(chat("Explain quantum chromodynamics"), null, Sampling.GREEDY).text();
    assertTrue(answer.contains("I am a small model, and I do not know"), answer);
  }

  @Test
  void answersEndByThemselves() {
    for (long seed = 0; seed < 60; seed++) {
      Answer answer = answer(new Prompt.Text(""), 4_000, Sampling.DEFAULT.withSeed(seed));
      assertEquals(FinishReason.STOP, answer.finishReason());
      assertTrue(answer.text().matches("(?s).*[.?!]"), answer.text());
    }
  }

  @Test
  void greedyTextDoesNotLoopEvenIfItMayNotEnd() {
    Sampling endless = new Sampling(0, 0, 1, 0, 0, 0, 1, Map.of(NgramTable.EDGE, -100.0), 0L);
    for (String prompt :
        List.of("", "The river", "Once upon a time", "User: Hi\nAssistant:", "a")) {
      String answer = answer(new Prompt.Text(prompt), 6_000, endless).text();
      assertEquals(6_000, answer.length());
      Map<String, Long> pieces =
          IntStream.range(0, answer.length() - 200)
              .mapToObj(i -> answer.substring(i, i + 200))
              .collect(Collectors.groupingBy(piece -> piece, Collectors.counting()));
      pieces.forEach((piece, times) -> assertTrue(times <= 4, () -> times + " times: " + piece));
    }
  }

  @Test
  void probabilitiesAreADistribution() {
    TextLiteNetwork network = new TextLiteNetwork(Corpus.read());
    for (String prompt : List.of("a", "The river ", "xqzzt", "\u00ff", "\n", "water is the")) {
      try (var session = network.begin()) {
        float[] logits = session.append(tokens(prompt), () -> false);
        double sum = 0;
        for (float logit : logits) {
          assertTrue(Float.isFinite(logit));
          sum += Math.exp(logit);
        }
        assertEquals(1, sum, 1e-5, prompt);
      }
    }
  }

  @Test
  void appendingInPiecesGivesTheSameLogits() {
    TextLiteNetwork network = new TextLiteNetwork(Corpus.read());
    int[] tokens =
        tokens("The sea is never the same. The sea is never the same for two days, the sea");
    try (var whole = network.begin();
        var pieces = network.begin()) {
      float[] expected = whole.append(tokens, () -> false);
      float[] actual = new float[0];
      for (int token : tokens) {
        actual = pieces.append(new int[] {token}, () -> false);
      }
      assertTrue(Arrays.equals(expected, actual));
      assertEquals(tokens.length, pieces.position());
    }
  }

  @Test
  void longPrefillCanBeCancelled() {
    try (var session = new TextLiteNetwork(Corpus.read()).begin()) {
      TantraException refusal =
          assertThrows(
              TantraException.class, () -> session.append(new int[] {'a', 'b'}, () -> true));
      assertEquals(ErrorKind.CANCELLED, refusal.kind());
    }
  }

  @Test
  void otherAnswerThanTheGoldenOneIsRefused() {
    GoldenAnswer wrong = new GoldenAnswer(GoldenAnswer.read().prompt(), " is dry.");
    TantraException refusal = assertThrows(TantraException.class, () -> wrong.compareWith(loaded));
    assertEquals(ErrorKind.INTERNAL, refusal.kind());
  }

  /// Prints the figures that the README quotes. Counts the processor time of the loading thread, so
  /// that a busy machine does not fail it.
  @Test
  void loadsInMillisecondsAndStaysSmall() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long fastest = Long.MAX_VALUE;
    for (int i = 0; i < 12; i++) {
      long start = threads.getCurrentThreadCpuTime();
      new TextLiteModel().load(TestLoadContext.empty()).close();
      fastest = Math.min(fastest, threads.getCurrentThreadCpuTime() - start);
    }
    double milliseconds = fastest / 1e6;
    System.out.printf(
        "text-lite: warm load %.1f ms, resident %.2f MiB%n",
        milliseconds, (double) loaded.residentBytes() / MEBIBYTE);
    assertTrue(milliseconds < 50, () -> milliseconds + " ms");
    assertTrue(loaded.residentBytes() < 16 * MEBIBYTE);
  }

  private Answer answer(Prompt prompt, @Nullable Integer maxTokens, Sampling sampling) {
    return Answer.to(TextRequest.of(prompt, maxTokens).with(sampling), text);
  }

  private static Prompt chat(String question) {
    return new Prompt.Chat(List.of(Prompt.Message.of(Prompt.Role.USER, question)));
  }

  private static int[] tokens(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xff).toArray();
  }

  private static Set<String> wordsOfTheCorpus() {
    Set<String> known = new HashSet<>();
    for (Corpus.Document document : Corpus.read().documents()) {
      known.addAll(words(document.text()));
    }
    return known;
  }

  private static List<String> words(String text) {
    return WORD.matcher(text).results().map(MatchResult::group).toList();
  }
}
