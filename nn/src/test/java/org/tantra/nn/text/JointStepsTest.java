package org.tantra.nn.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tantra.api.Compute;

/// Who takes a step with whom.
@Timeout(300)
final class JointStepsTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /// Steps that were taken, by their rows.
  private final List<List<String>> taken = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private void note(List<String> rows, int[] tokens, int[] positions, float[] logits) {
    taken.add(rows);
    for (int i = 0; i < rows.size(); i++) {
      logits[2 * i] = tokens[i];
      logits[2 * i + 1] = positions[i];
    }
  }

  private static float[] take(JointSteps<String> steps, String row, int token, int position) {
    float[] logits = new float[2];
    steps.take(row, token, position, logits);
    return logits;
  }

  private Future<float[]> later(JointSteps<String> steps, String row, int token, int position) {
    Callable<float[]> body = () -> take(steps, row, token, position);
    return threads.submit(body);
  }

  @Test
  void oneRowGoesAlone() {
    JointSteps<String> steps = new JointSteps<>(this::note, 2, Compute.SERIAL);
    assertArrayEquals(new float[] {7, 3}, take(steps, "a", 7, 3));
    assertArrayEquals(new float[] {8, 4}, take(steps, "a", 8, 4));
    assertEquals(List.of(List.of("a"), List.of("a")), taken);
  }

  @Test
  void rowsThatComeDuringAStepTakeTheNextTogether() throws Exception {
    Held held = new Held();
    JointSteps<String> steps = new JointSteps<>(held, 2, Compute.SERIAL);
    Future<float[]> first = later(steps, "first", 0, 0);
    held.entered.acquire();
    List<Future<float[]>> others =
        IntStream.range(1, 6).mapToObj(i -> later(steps, "row " + i, i, 10 * i)).toList();
    awaitWaiting(steps, 5);
    held.leave.release();
    assertArrayEquals(new float[] {0, 0}, first.get());
    // "first" was of the last step, so the others give it a moment; it does not come.
    held.entered.acquire();
    held.leave.release();
    for (int i = 1; i < 6; i++) {
      assertArrayEquals(new float[] {i, 10 * i}, others.get(i - 1).get());
    }
    assertEquals(2, taken.size());
    assertEquals(5, taken.get(1).size());
  }

  @Test
  void aStepHasAtMostSixteenRows() throws Exception {
    Held held = new Held();
    JointSteps<String> steps = new JointSteps<>(held, 2, Compute.SERIAL);
    Future<float[]> first = later(steps, "first", 0, 0);
    held.entered.acquire();
    List<Future<float[]>> others =
        IntStream.range(0, 40).mapToObj(i -> later(steps, "row " + i, i, i)).toList();
    awaitWaiting(steps, 40);
    held.leave.release(100);
    assertArrayEquals(new float[] {0, 0}, first.get());
    for (int i = 0; i < 40; i++) {
      assertArrayEquals(new float[] {i, i}, others.get(i).get());
    }
    assertEquals(41, taken.stream().mapToInt(List::size).sum());
    assertTrue(taken.stream().allMatch(rows -> rows.size() <= 16), taken.toString());
  }

  @Test
  void aFailureIsEverybodysAndTheNextStepGoesOn() throws Exception {
    Held held = new Held();
    JointSteps<String> steps = new JointSteps<>(held, 2, Compute.SERIAL);
    Future<float[]> first = later(steps, "first", 0, 0);
    held.entered.acquire();
    IllegalStateException broken = new IllegalStateException("broken");
    held.failure = broken;
    Future<float[]> one = later(steps, "one", 1, 1);
    Future<float[]> two = later(steps, "two", 2, 2);
    awaitWaiting(steps, 2);
    held.leave.release(2);
    assertSame(broken, assertThrows(ExecutionException.class, first::get).getCause());
    assertSame(broken, assertThrows(ExecutionException.class, one::get).getCause());
    assertSame(broken, assertThrows(ExecutionException.class, two::get).getCause());
    held.failure = null;
    held.leave.release();
    assertArrayEquals(new float[] {3, 3}, take(steps, "three", 3, 3));
  }

  /// Ten rows of a hundred steps each: every step is taken exactly once, and in company.
  @Test
  void manyRowsTakeEveryStepOnce() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    JointSteps<String> steps =
        new JointSteps<>(
            (rows, tokens, positions, logits) -> {
              assertEquals(1, inside.incrementAndGet());
              note(rows, tokens, positions, logits);
              inside.decrementAndGet();
            },
            2,
            Compute.SERIAL);
    List<Future<?>> rows = new ArrayList<>();
    for (int r = 0; r < 10; r++) {
      String row = "row " + r;
      rows.add(
          threads.submit(
              () -> {
                for (int i = 0; i < 100; i++) {
                  assertArrayEquals(new float[] {i, 2 * i}, take(steps, row, i, 2 * i));
                }
                steps.leave(row);
              }));
    }
    for (Future<?> row : rows) {
      row.get();
    }
    assertEquals(1000, taken.stream().mapToInt(List::size).sum());
    assertTrue(taken.stream().allMatch(step -> step.size() == step.stream().distinct().count()));
  }

  /// Whoever waits is no one of those who compute: with a single turn, rows still meet.
  @Test
  void waitingLendsTheTurn() throws Exception {
    Semaphore turn = new Semaphore(1);
    Compute lending =
        new Compute() {
          @Override
          public int threads() {
            return 1;
          }

          @Override
          public void parallel(int parts, Part body) {
            Compute.SERIAL.parallel(parts, body);
          }

          @Override
          public <T> T await(Supplier<T> waiting) {
            turn.release();
            try {
              return waiting.get();
            } finally {
              turn.acquireUninterruptibly();
            }
          }
        };
    JointSteps<String> steps = new JointSteps<>(this::note, 2, lending);
    List<Future<?>> rows = new ArrayList<>();
    for (int r = 0; r < 4; r++) {
      String row = "row " + r;
      rows.add(
          threads.submit(
              () -> {
                for (int i = 0; i < 50; i++) {
                  turn.acquireUninterruptibly();
                  take(steps, row, i, i);
                  turn.release();
                }
                steps.leave(row);
              }));
    }
    for (Future<?> row : rows) {
      row.get();
    }
    assertEquals(200, taken.stream().mapToInt(List::size).sum());
  }

  /// A network whose steps begin and end when the test says so.
  private final class Held implements JointSteps.Network<String> {
    final Semaphore entered = new Semaphore(0);
    final Semaphore leave = new Semaphore(0);
    volatile @Nullable RuntimeException failure;

    @Override
    public void step(List<String> rows, int[] tokens, int[] positions, float[] logits) {
      entered.release();
      leave.acquireUninterruptibly();
      RuntimeException thrown = failure;
      if (thrown != null) {
        throw thrown;
      }
      note(rows, tokens, positions, logits);
    }
  }

  private static void awaitWaiting(JointSteps<String> steps, int count)
      throws InterruptedException {
    while (steps.waiting() < count) {
      if (Thread.interrupted()) {
        throw new InterruptedException("only " + steps.waiting() + " wait");
      }
      Thread.onSpinWait();
    }
  }
}
