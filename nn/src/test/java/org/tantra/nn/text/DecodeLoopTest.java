package org.tantra.nn.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tantra.api.ErrorKind;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.Generation.Piece;
import org.tantra.api.Generation.Token;
import org.tantra.api.Modality;
import org.tantra.api.Prompt;
import org.tantra.api.Prompt.Role;
import org.tantra.api.Sampling;
import org.tantra.api.TantraException;
import org.tantra.api.TextRequest;

final class DecodeLoopTest {
  private static final Tokenizer BYTES = ByteTokenizer.withEnd();

  @Test
  void endOfTextEndsTheAnswerUncounted() {
    Generation generation = start(ScriptedModel.saying("ab"), "x", null);

    assertEquals("ab", textOf(drain(generation)));
    assertEquals(FinishReason.STOP, generation.finishReason());
    assertEquals(1, generation.usage().promptTokens());
    assertEquals(2, generation.usage().completionTokens());
  }

  @Test
  void promptGoesInAtOnceAndEachTokenInAStep() {
    ScriptedModel model = ScriptedModel.saying("ab");

    drain(start(model, "xyz", null));

    assertEquals(3, model.appended.size());
    assertArrayEquals(new int[] {'x', 'y', 'z'}, model.appended.get(0));
    assertArrayEquals(new int[] {'a'}, model.appended.get(1));
  }

  @Test
  void tokenLimitEndsTheAnswerWithoutAFurtherStep() {
    ScriptedModel model = ScriptedModel.saying("abcdef");
    Generation generation = start(model, "x", 3);

    assertEquals("abc", textOf(drain(generation)));
    assertEquals(FinishReason.LENGTH, generation.finishReason());
    assertEquals(3, model.appended.size());
  }

  @Test
  void contextEndsTheAnswerWhenNoLimitIsGiven() {
    ScriptedModel model = new ScriptedModel(5, 257, 'a');
    Generation generation = start(model, "xy", null);

    assertEquals("aaa", textOf(drain(generation)));
    assertEquals(FinishReason.LENGTH, generation.finishReason());
  }

  @Test
  void stopTextAcrossTokensIsNeverShown() {
    Generation generation = generate("one\nUs\nUser: two", "\nUser:");
    List<Piece> pieces = drain(generation);

    assertEquals("one\nUs", textOf(pieces));
    assertEquals(FinishReason.STOP, generation.finishReason());
    assertEquals("one\nUs\nUser:".length(), generation.usage().completionTokens());
  }

  @Test
  void textThatOnlyBeganLikeAStopIsReleasedAtTheEnd() {
    List<Piece> pieces = drain(generate("one\nUse", "\nUser:"));

    assertEquals("one\nUse", textOf(pieces));
    Piece last = pieces.getLast();
    assertEquals("\nUse", last.text());
    assertTrue(last.tokens().isEmpty());
  }

  @Test
  void earliestOfSeveralStopsWins() {
    assertEquals("a", textOf(drain(generate("abcd", "bcd", "c", "bc"))));
    assertEquals("ab", textOf(drain(generate("abcd", "d", "c"))));
  }

  @Test
  void piecesAreWholeCharacters() {
    String said = "aé日🙂!";
    List<Piece> pieces = drain(start(ScriptedModel.saying(said), "x", null));

    assertEquals(said, textOf(pieces));
    for (Piece piece : pieces) {
      assertTrue(piece.text().codePoints().noneMatch(c -> c == 0xFFFD || isSurrogate(c)));
    }
    assertEquals(11, pieces.size());
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  @Test
  void characterCutOffByTheLimitBecomesAReplacement() {
    assertEquals("a\uFFFD", textOf(drain(start(ScriptedModel.saying("aé"), "x", 2))));
  }

  @Test
  void cancellingBetweenTokensEndsAtTheNextStep() {
    ScriptedModel model = ScriptedModel.saying("abcdef");
    Generation generation = start(model, "x", null);
    assertTrue(generation.next().isPresent());

    generation.cancel();

    assertTrue(generation.next().isEmpty());
    assertEquals(FinishReason.CANCELLED, generation.finishReason());
    assertEquals(1, model.appended.size());
    assertEquals(0, model.open);
  }

  @Test
  void cancellingInsideAStepEndsThatStep() {
    ScriptedModel model = ScriptedModel.saying("abcdef");
    Generation generation = start(model, "x", null);
    model.whileAppending = generation::cancel;

    assertTrue(generation.next().isEmpty());
    assertEquals(FinishReason.CANCELLED, generation.finishReason());
    assertEquals(0, model.open);
  }

  @Test
  void sessionIsGivenBackAtTheEndAndByClose() {
    ScriptedModel model = ScriptedModel.saying("ab");
    Generation ended = start(model, "x", null);
    drain(ended);
    assertEquals(0, model.open);

    Generation abandoned = start(model, "x", null);
    assertEquals(0, model.open);
    assertTrue(abandoned.next().isPresent());
    assertEquals(1, model.open);
    abandoned.close();
    abandoned.close();
    assertEquals(0, model.open);
    assertThrows(IllegalStateException.class, abandoned::next);
  }

  @Test
  void measuresOfTheModelStayInTheUsage() {
    Generation generation = start(ScriptedModel.saying("ab"), "x", null);
    drain(generation);
    assertEquals(3.0, generation.usage().measures().get("steps"));
  }

  @Test
  void finishReasonBeforeTheEndIsAMistake() {
    Generation generation = start(ScriptedModel.saying("ab"), "x", null);
    assertThrows(IllegalStateException.class, generation::finishReason);
  }

  @Test
  void logprobsAreThoseOfTheLogitsBeforeSampling() {
    Sampling biased = new Sampling(0, 0, 1, 0, 0, 0, 1, Map.of((int) 'z', 100.0), 1L);
    TextRequest request = new TextRequest(new Prompt.Text("x"), 1, biased, List.of(), 2, false);
    Piece piece = DecodeLoop.start(ScriptedModel.saying("a"), BYTES, request).next().orElseThrow();

    Token token = piece.tokens().getFirst();
    double sum = Math.exp(5) + 256;
    assertEquals('z', token.id());
    assertEquals(-Math.log(sum), token.logprob(), 1e-6);
    assertEquals(2, token.alternatives().size());
    assertEquals('a', token.alternatives().get(0).id());
    assertEquals(5 - Math.log(sum), token.alternatives().get(0).logprob(), 1e-6);
    assertEquals(0, token.alternatives().get(1).id());
  }

  @Test
  void scoringAPromptReportsEveryTokenAndAddsNone() {
    TextRequest request =
        new TextRequest(new Prompt.Text("xab"), 0, Sampling.DEFAULT, List.of(), 1, true);
    Generation generation = DecodeLoop.start(ScriptedModel.saying("ab"), BYTES, request);

    assertTrue(generation.next().isEmpty());
    assertEquals(FinishReason.LENGTH, generation.finishReason());
    List<Token> tokens = generation.promptTokens();
    double likely = 5 - Math.log(Math.exp(5) + 256);
    assertEquals(List.of((int) 'x', (int) 'a', (int) 'b'), tokens.stream().map(Token::id).toList());
    assertTrue(Double.isNaN(tokens.get(0).logprob()));
    assertEquals(likely, tokens.get(1).logprob(), 1e-6);
    assertEquals(likely, tokens.get(2).logprob(), 1e-6);
    assertEquals("a", tokens.get(1).alternatives().getFirst().text());
  }

  @Test
  void scoringAndContinuingGoTogether() {
    TextRequest request =
        new TextRequest(new Prompt.Text("xy"), 1, Sampling.GREEDY, List.of(), 0, true);
    Generation generation = DecodeLoop.start(ScriptedModel.saying("abc"), BYTES, request);

    assertEquals("b", textOf(drain(generation)));
    assertEquals(2, generation.promptTokens().size());
  }

  @Test
  void nothingIsComputedForNothing() {
    ScriptedModel model = ScriptedModel.saying("ab");
    assertTrue(start(model, "x", 0).next().isEmpty());
    assertTrue(model.appended.isEmpty());
  }

  @Test
  void emptyPromptBecomesTheStartToken() {
    ScriptedModel model = ScriptedModel.saying("ab");
    Generation generation = start(model, "", 1);
    drain(generation);

    assertArrayEquals(new int[] {ByteTokenizer.END}, model.appended.getFirst());
    assertEquals(1, generation.usage().promptTokens());
  }

  @Test
  void emptyPromptWithoutAStartTokenIsInvalid() {
    ScriptedModel model = new ScriptedModel(10, 256, 'a');
    TantraException e =
        assertThrows(
            TantraException.class,
            () -> DecodeLoop.start(model, ByteTokenizer.plain(), request("", 1)));
    assertEquals(ErrorKind.INVALID, e.kind());
    assertEquals("prompt", e.subject());
  }

  @Test
  void promptBeyondTheContextNamesBothNumbers() {
    ScriptedModel model = new ScriptedModel(4, 257, 'a');
    for (Integer maxTokens : new @Nullable Integer[] {null, 0, 1}) {
      TantraException e =
          assertThrows(TantraException.class, () -> start(model, "abcde", maxTokens));
      assertEquals(ErrorKind.INVALID, e.kind());
      assertEquals("context_length_exceeded", e.code());
      assertEquals(
          "The prompt has 5 tokens; the model's context holds 4, the answer's included. Shorten the"
              + " prompt.",
          e.getMessage());
    }
  }

  @Test
  void promptAndLimitBeyondTheContextSayHowMuchFits() {
    ScriptedModel model = new ScriptedModel(4, 257, 'a');
    TantraException e = assertThrows(TantraException.class, () -> start(model, "abc", 2));
    assertEquals("context_length_exceeded", e.code());
    assertTrue(String.valueOf(e.getMessage()).endsWith("or ask for at most 1 tokens."));
    assertEquals("abca", "abc" + textOf(drain(start(model, "abc", 1))));
  }

  @Test
  void unknownTokenOfAPromptIsNamed() {
    ScriptedModel model = ScriptedModel.saying("a");
    TextRequest request = TextRequest.of(new Prompt.Tokens(List.of(1, 257)), 1);
    TantraException e =
        assertThrows(TantraException.class, () -> DecodeLoop.start(model, BYTES, request));
    assertEquals(
        "Token 1 of the prompt is 257; the model's token ids go from 0 to 256.", e.getMessage());
  }

  @Test
  void biasOfAnUnknownTokenIsNamed() {
    Sampling biased = new Sampling(1, 0, 1, 0, 0, 0, 1, Map.of(300, 1.0), 1L);
    TextRequest request = request("a", 1).with(biased);
    TantraException e =
        assertThrows(
            TantraException.class,
            () -> DecodeLoop.start(ScriptedModel.saying("a"), BYTES, request));
    assertEquals("logit_bias", e.subject());
  }

  @Test
  void withoutATokenizerIdsWorkAndTextIsRefusedWithTheReason() {
    ScriptedModel model = new ScriptedModel(10, 20, 7, 8, 9);
    Tokenizer none = new TokenIdsOnly(20, Set.of(9), OptionalInt.empty(), "No vocab.json.");
    List<Piece> pieces =
        drain(
            DecodeLoop.start(
                model,
                none,
                TextRequest.of(new Prompt.Tokens(List.of(1)), null).with(Sampling.GREEDY)));

    assertEquals("", textOf(pieces));
    assertEquals(List.of(7, 8), pieces.stream().map(p -> p.tokens().getFirst().id()).toList());
    TantraException e =
        assertThrows(TantraException.class, () -> DecodeLoop.start(model, none, request("a", 1)));
    assertEquals("No vocab.json.", e.getMessage());
  }

  @Test
  void conversationStopsAtTheNextTurnAndStartsWithoutASpace() {
    Prompt.Chat chat = new Prompt.Chat(List.of(Prompt.Message.of(Role.USER, "Hi")));
    ScriptedModel model = ScriptedModel.saying(" Hello.\nUser: And you?");
    Generation generation =
        DecodeLoop.start(model, BYTES, TextRequest.of(chat, null).with(Sampling.GREEDY));

    assertEquals("Hello.", textOf(drain(generation)));
    assertArrayEquals(BYTES.encode("User: Hi\nAssistant:"), model.appended.getFirst());
  }

  @Test
  void conversationWithAnImageIsUnsupported() {
    Prompt.Message image =
        new Prompt.Message(
            Role.USER, List.of(new Prompt.MediaPart(Modality.IMAGE, MemorySegment.NULL)));
    TantraException e =
        assertThrows(
            TantraException.class,
            () -> start(ScriptedModel.saying("a"), new Prompt.Chat(List.of(image)), List.of()));
    assertEquals(ErrorKind.UNSUPPORTED, e.kind());
    assertTrue(String.valueOf(e.getMessage()).contains("image"));
  }

  @Test
  void damagedLogitsAreAnErrorAndNotAToken() {
    ScriptedModel model = ScriptedModel.saying("ab");
    float[] logits = new float[model.vocab()];
    logits[3] = Float.NaN;
    TantraException e =
        assertThrows(
            TantraException.class, () -> new Sampler(Sampling.GREEDY, model.vocab()).next(logits));
    assertEquals(ErrorKind.INTERNAL, e.kind());
    assertFalse(String.valueOf(e.getMessage()).isEmpty());
  }

  private static TextRequest request(String prompt, @Nullable Integer maxTokens) {
    return TextRequest.of(new Prompt.Text(prompt), maxTokens).with(Sampling.GREEDY);
  }

  private static Generation start(ScriptedModel model, String prompt, @Nullable Integer maxTokens) {
    return DecodeLoop.start(model, BYTES, request(prompt, maxTokens));
  }

  private static Generation start(ScriptedModel model, Prompt prompt, List<String> stop) {
    return DecodeLoop.start(
        model, BYTES, new TextRequest(prompt, null, Sampling.GREEDY, stop, -1, false));
  }

  private static Generation generate(String said, String... stop) {
    return start(ScriptedModel.saying(said), new Prompt.Text("x"), List.of(stop));
  }

  private static List<Piece> drain(Generation generation) {
    List<Piece> pieces = new ArrayList<>();
    generation.next().ifPresent(pieces::add);
    while (!pieces.isEmpty()) {
      var next = generation.next();
      if (next.isEmpty()) {
        break;
      }
      pieces.add(next.get());
    }
    return pieces;
  }

  private static String textOf(List<Piece> pieces) {
    StringBuilder text = new StringBuilder();
    pieces.forEach(piece -> text.append(piece.text()));
    return text.toString();
  }
}
