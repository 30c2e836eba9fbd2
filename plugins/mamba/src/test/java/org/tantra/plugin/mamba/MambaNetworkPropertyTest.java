package org.tantra.plugin.mamba;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.nn.Trace;
import org.tantra.nn.text.Session;
import org.tantra.testkit.GoldenCase;
import org.tantra.testkit.TwoThreads;

/// What must hold for every row and every way to take it in.
final class MambaNetworkPropertyTest {
  private static final List<GoldenCase> CASES =
      List.of(golden("mamba-tiny"), golden("mamba-ssm-tiny"), golden("mamba2-tiny"));
  private static final List<MambaModel.Loaded> LOADED =
      CASES.stream().map(golden -> MambaModel.load(golden, 300, Compute.SERIAL)).toList();

  private static GoldenCase golden(String name) {
    return GoldenCase.of(MambaNetworkPropertyTest.class, name);
  }

  @AfterContainer
  static void close() {
    LOADED.forEach(MambaModel.Loaded::close);
    CASES.forEach(GoldenCase::close);
  }

  @Property(tries = 40)
  void anyWayToTakeARowInGivesTheSameBits(
      @ForAll @IntRange(max = 2) int model,
      @ForAll @IntRange(min = 1, max = 150) int length,
      @ForAll long seed) {
    MambaNetwork network = LOADED.get(model).network();
    SplittableRandom random = new SplittableRandom(seed);
    int[] ids = random.ints(length, 0, 160).toArray();
    float[] whole;
    try (Session session = network.begin()) {
      whole = session.append(ids, Cancellation.NEVER).clone();
    }
    try (Session session = network.begin()) {
      float[] logits = {};
      for (int from = 0; from < length; ) {
        int to = Math.min(length, from + random.nextInt(1, 20));
        logits = session.append(Arrays.copyOfRange(ids, from, to), Cancellation.NEVER);
        from = to;
      }
      assertEquals(length, session.position());
      assertArrayEquals(whole, logits);
    }
    try (Session session = network.begin()) {
      List<float[]> all = new ArrayList<>();
      session.append(ids, Cancellation.NEVER, (_, logits) -> all.add(logits.clone()));
      assertEquals(length, all.size());
      assertArrayEquals(whole, all.getLast());
    }
  }

  @Property(tries = 5)
  void threadsDoNotChangeTheBits(@ForAll @IntRange(max = 2) int model) {
    int[] ids = new SplittableRandom(model).ints(70, 0, 160).toArray();
    try (MambaModel.Loaded threaded = MambaModel.load(CASES.get(model), 300, new TwoThreads());
        Session two = threaded.network().begin();
        Session one = LOADED.get(model).network().begin()) {
      assertArrayEquals(one.append(ids, Cancellation.NEVER), two.append(ids, Cancellation.NEVER));
    }
  }

  @Example
  void sessionsDoNotDisturbEachOther() {
    for (MambaModel.Loaded loaded : LOADED) {
      try (Session one = loaded.network().begin();
          Session other = loaded.network().begin();
          Session alone = loaded.network().begin()) {
        one.append(new int[] {1, 2}, Cancellation.NEVER);
        other.append(new int[] {9, 8, 7}, Cancellation.NEVER);
        float[] together = one.append(new int[] {3}, Cancellation.NEVER);
        assertArrayEquals(alone.append(new int[] {1, 2, 3}, Cancellation.NEVER), together);
      }
    }
  }

  @Example
  void memoryOfARowDoesNotGrow() {
    for (MambaModel.Loaded loaded : LOADED) {
      MambaRow row = new MambaRow(loaded.network(), Trace.NONE);
      try (Session session = loaded.network().begin(row)) {
        session.append(new int[100], Cancellation.NEVER);
        long before = row.bytes();
        for (int i = 0; i < 200; i++) {
          session.append(new int[] {i % 160}, Cancellation.NEVER);
        }
        assertEquals(before, row.bytes());
      }
    }
  }

  @Example
  void cancellationIsNoticedInEveryLayer() {
    AtomicInteger asked = new AtomicInteger();
    try (Session session = LOADED.getFirst().network().begin()) {
      TantraException e =
          assertThrows(
              TantraException.class,
              () -> session.append(new int[] {1, 2}, () -> asked.incrementAndGet() > 2));
      assertEquals(ErrorKind.CANCELLED, e.kind());
      assertEquals(3, asked.get());
    }
  }

  @Example
  void sessionRefusesWhatDoesNotFit() {
    try (Session session = LOADED.getFirst().network().begin()) {
      assertThrows(
          IllegalArgumentException.class, () -> session.append(new int[301], Cancellation.NEVER));
      assertThrows(
          IllegalArgumentException.class,
          () -> session.append(new int[] {199}, Cancellation.NEVER));
      assertThrows(
          IllegalArgumentException.class, () -> session.append(new int[0], Cancellation.NEVER));
    }
  }
}
