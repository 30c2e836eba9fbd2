package org.tantra.plugin.gpt2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TantraException;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRequest;
import org.tantra.nn.gpt.GptNetwork;
import org.tantra.nn.text.LoadedNetwork;
import org.tantra.nn.text.Session;

/// What must hold for every prompt and every way to take it in.
final class Gpt2NetworkPropertyTest {
  private static final GoldenCase GOLDEN = GoldenCase.of("gpt2-tiny");
  private static final LoadedNetwork<GptNetwork> LOADED = GOLDEN.load();

  @BeforeContainer
  static void requireLoaded() {
    assertEquals(199, LOADED.network().vocab());
  }

  @AfterContainer
  static void close() {
    LOADED.close();
    GOLDEN.close();
  }

  @Property(tries = 50)
  void anyWayToTakeARowInGivesTheSameBits(
      @ForAll @IntRange(min = 1, max = 40) int length, @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] ids = random.ints(length, 0, 199).toArray();
    float[] whole;
    try (Session session = LOADED.network().begin()) {
      whole = session.append(ids, Cancellation.NEVER).clone();
    }
    try (Session session = LOADED.network().begin()) {
      float[] logits = {};
      for (int from = 0; from < length; ) {
        int to = Math.min(length, from + random.nextInt(1, 7));
        logits = session.append(Arrays.copyOfRange(ids, from, to), Cancellation.NEVER);
        from = to;
      }
      assertEquals(length, session.position());
      assertArrayEquals(whole, logits);
    }
    try (Session session = LOADED.network().begin()) {
      List<float[]> all = new ArrayList<>();
      session.append(ids, Cancellation.NEVER, (_, logits) -> all.add(logits.clone()));
      assertEquals(length, all.size());
      assertArrayEquals(whole, all.getLast());
    }
  }

  @Property(tries = 20)
  void equalSeedsGiveEqualTokens(@ForAll long seed) {
    Sampling sampling = Sampling.DEFAULT.withSeed(seed);
    assertEquals(generate(sampling, 20), generate(sampling, 20));
  }

  @Example
  void sessionsDoNotDisturbEachOther() {
    try (Session one = LOADED.network().begin();
        Session other = LOADED.network().begin();
        Session alone = LOADED.network().begin()) {
      one.append(new int[] {1, 2}, Cancellation.NEVER);
      other.append(new int[] {9, 8, 7}, Cancellation.NEVER);
      float[] together = one.append(new int[] {3}, Cancellation.NEVER);
      assertArrayEquals(alone.append(new int[] {1, 2, 3}, Cancellation.NEVER), together);
    }
  }

  @Example
  void cancellationIsNoticedInEveryLayer() {
    AtomicInteger asked = new AtomicInteger();
    try (Session session = LOADED.network().begin()) {
      TantraException e =
          assertThrows(
              TantraException.class,
              () -> session.append(new int[] {1, 2}, () -> asked.incrementAndGet() > 3));
      assertEquals(ErrorKind.CANCELLED, e.kind());
      assertEquals(4, asked.get());
    }
  }

  @Example
  void contextIsUsedToItsEnd() {
    Generation generation =
        text().generate(TextRequest.of(tokens(38), null).with(Sampling.GREEDY.withSeed(1)));
    int count = 0;
    while (generation.next().isPresent()) {
      count++;
    }
    assertTrue(count <= 2);
    assertTrue(
        generation.finishReason() == FinishReason.STOP
            || generation.usage().completionTokens() == 2);
  }

  @Example
  void promptBeyondTheContextIsInvalid() {
    TantraException e =
        assertThrows(
            TantraException.class, () -> text().generate(TextRequest.of(tokens(41), null)));
    assertEquals("context_length_exceeded", e.code());
    assertTrue(String.valueOf(e.getMessage()).contains("41 tokens"));
    assertTrue(String.valueOf(e.getMessage()).contains("holds 40"));
  }

  @Example
  void sessionRefusesWhatDoesNotFit() {
    try (Session session = LOADED.network().begin()) {
      assertThrows(
          IllegalArgumentException.class, () -> session.append(new int[41], Cancellation.NEVER));
      assertThrows(
          IllegalArgumentException.class,
          () -> session.append(new int[] {199}, Cancellation.NEVER));
      assertThrows(
          IllegalArgumentException.class, () -> session.append(new int[0], Cancellation.NEVER));
    }
  }

  private static List<Integer> generate(Sampling sampling, int count) {
    Generation generation = text().generate(TextRequest.of(tokens(5), count).with(sampling));
    List<Integer> ids = new ArrayList<>();
    for (var piece = generation.next(); piece.isPresent(); piece = generation.next()) {
      piece.get().tokens().forEach(token -> ids.add(token.id()));
    }
    generation.close();
    return ids;
  }

  private static Prompt tokens(int count) {
    return new Prompt.Tokens(IntStream.range(0, count).boxed().toList());
  }

  private static TextGeneration text() {
    return LOADED.as(TextGeneration.class).orElseThrow();
  }
}
