package org.tantra.host.concurrent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

@Timeout(300)
final class PluginThreadsTest {
  private static final InheritableThreadLocal<String> INHERITED = new InheritableThreadLocal<>();

  private final PluginThreads threads = new PluginThreads(2);
  private final ClassLoader context = new ClassLoader("context", null) {};

  private PluginCall call(long limitMillis) {
    return new PluginCall("demo 1.0.0", context, "thinking", Duration.ofMillis(limitMillis));
  }

  private PluginCall unlimited() {
    return new PluginCall("demo 1.0.0", context, "thinking", null);
  }

  @Test
  void runsOnAFreshPlatformThreadWithTheContextClassLoader() {
    INHERITED.set("from the caller");
    try {
      Thread first = threads.call(unlimited(), Thread::currentThread);
      Thread second = threads.call(unlimited(), Thread::currentThread);

      assertNotEquals(first, second);
      assertTrue(!first.isVirtual() && first.isDaemon());
      assertSame(
          context, threads.call(unlimited(), () -> Thread.currentThread().getContextClassLoader()));
      assertEquals("null", threads.call(unlimited(), () -> String.valueOf(INHERITED.get())));
    } finally {
      INHERITED.remove();
    }
  }

  @Test
  void exceptionOfTheApiPassesThroughWithoutThePluginsStack() {
    TantraException thrown =
        assertThrows(
            TantraException.class,
            () ->
                threads.call(
                    unlimited(),
                    () -> {
                      throw new TantraException(
                              ErrorKind.INVALID, "too long", new IllegalStateException())
                          .about("prompt")
                          .withCode("context_length_exceeded");
                    }));

    assertEquals(ErrorKind.INVALID, thrown.kind());
    assertEquals("too long", thrown.getMessage());
    assertEquals("prompt", thrown.subject());
    assertEquals("context_length_exceeded", thrown.code());
    assertNull(thrown.getCause());
  }

  @Test
  void anythingElseBecomesTextWithThePluginsName() {
    for (Throwable failure :
        List.of(
            new IllegalStateException("boom"),
            new NoClassDefFoundError("demo/Gone"),
            new StackOverflowError(),
            new OutOfMemoryError("Java heap space"))) {
      TantraException thrown =
          assertThrows(
              TantraException.class,
              () ->
                  threads.call(
                      unlimited(),
                      () -> {
                        throw sneaky(failure);
                      }));

      assertEquals(ErrorKind.INTERNAL, thrown.kind());
      assertNull(thrown.getCause());
      String start = "Plugin demo 1.0.0 failed while thinking: " + failure + " at org.tantra";
      assertTrue(String.valueOf(thrown.getMessage()).startsWith(start), thrown::getMessage);
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // throws errors as they are
  private static <E extends Throwable> RuntimeException sneaky(Throwable failure) throws E {
    throw (E) failure;
  }

  @Test
  void atMostAsManyComputeAtOnceAsThereAreCores() throws InterruptedException {
    AtomicInteger computing = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      callers.add(
          Thread.startVirtualThread(
              () ->
                  threads.compute(
                      unlimited(),
                      () -> {
                        most.accumulateAndGet(computing.incrementAndGet(), Math::max);
                        Thread.onSpinWait();
                        return computing.decrementAndGet();
                      },
                      _ -> {})));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertTrue(most.get() <= 2, () -> most + " computed at once");
    assertEquals(2, threads.idle());
  }

  @Test
  void stuckCallGivesItsPermitBackAndItsLateAnswerIsClosed() throws InterruptedException {
    CountDownLatch latch = new CountDownLatch(1);
    BlockingQueue<String> orphans = new LinkedBlockingQueue<>();

    TantraException thrown =
        assertThrows(
            TantraException.class,
            () -> threads.compute(call(50), () -> awaitStubbornly(latch, "late"), orphans::add));

    assertEquals(ErrorKind.INTERNAL, thrown.kind());
    assertEquals(
        "Plugin demo 1.0.0 did not finish thinking within 50 ms; its thread is left alone.",
        thrown.getMessage());
    assertEquals(2, threads.idle());

    latch.countDown();
    assertEquals("late", orphans.poll(30, TimeUnit.SECONDS));
    assertEquals(2, threads.idle());
  }

  /// With all turns taken by steps that wait for the third, only one that is lent lets it come.
  @Test
  void stepThatWaitsForAnotherLendsItsTurn() throws Exception {
    try (ComputePool pool = new ComputePool(1, context)) {
      CountDownLatch waiting = new CountDownLatch(2);
      CompletableFuture<String> third = new CompletableFuture<>();
      List<FutureTask<String>> others = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        others.add(
            new FutureTask<>(
                () ->
                    threads.compute(
                        call(30_000),
                        () -> {
                          waiting.countDown();
                          return pool.await(third::join);
                        },
                        _ -> {})));
      }
      others.forEach(other -> Thread.ofPlatform().start(other));
      waiting.await();

      boolean came = threads.compute(call(30_000), () -> third.complete("the third"), _ -> {});

      assertTrue(came);
      for (FutureTask<String> other : others) {
        assertEquals("the third", other.get());
      }
      assertEquals(2, threads.idle());
    }
  }

  @Test
  void whoHasNoTurnLendsNone() {
    try (ComputePool pool = new ComputePool(1, context)) {
      assertEquals("done", pool.await(() -> "done"));
      assertEquals("done", threads.call(unlimited(), () -> pool.await(() -> "done")));
    }
    assertEquals(2, threads.idle());
  }

  private static String awaitStubbornly(CountDownLatch latch, String answer) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException _) {
        Thread.onSpinWait();
      }
    }
    return answer;
  }

  @Test
  void waitingForATurnDoesNotCountAgainstTheLimit() throws InterruptedException {
    CountDownLatch latch = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      Thread.startVirtualThread(
          () ->
              threads.compute(
                  unlimited(),
                  () -> {
                    busy.countDown();
                    return awaitStubbornly(latch, "");
                  },
                  _ -> {}));
    }
    busy.await();
    CountDownLatch turn = new CountDownLatch(1);
    BlockingQueue<String> early = new LinkedBlockingQueue<>();
    Thread waiting = Thread.startVirtualThread(() -> early.addAll(endBefore(turn)));
    assertNull(early.poll(300, TimeUnit.MILLISECONDS));

    latch.countDown();
    turn.await();
    waiting.join();
    assertNull(early.poll());
  }

  /// Makes a call with a limit of 100 ms whose step marks its turn; what ended it before. From its
  /// turn on the limit counts, and a machine that stalls just then may exceed it.
  private List<String> endBefore(CountDownLatch turn) {
    try {
      threads.compute(
          call(100),
          () -> {
            turn.countDown();
            return "done";
          },
          _ -> {});
      return List.of();
    } catch (TantraException e) {
      return turn.getCount() == 0 ? List.of() : List.of(e.toString());
    }
  }

  @Test
  void interruptedCallerIsCancelledAndKeepsItsFlag() throws InterruptedException {
    CountDownLatch latch = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    BlockingQueue<String> outcomes = new LinkedBlockingQueue<>();
    Thread caller =
        Thread.startVirtualThread(
            () -> {
              try {
                threads.call(
                    unlimited(),
                    () -> {
                      started.countDown();
                      return awaitStubbornly(latch, "");
                    });
              } catch (TantraException e) {
                outcomes.add(e.kind() + " " + Thread.currentThread().isInterrupted());
              }
            });
    started.await();
    caller.interrupt();
    caller.join();
    latch.countDown();

    assertEquals("CANCELLED true", outcomes.poll());
  }

  @Test
  void workerRunsStepsOnOneThreadInOrder() throws InterruptedException {
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch closed = new CountDownLatch(1);
    Thread thread;
    try (Worker worker = threads.worker(unlimited())) {
      thread = worker.call(Thread::currentThread);
      for (int i = 0; i < 100; i++) {
        int step = i;
        assertSame(
            thread,
            worker.call(
                () -> {
                  order.add(step);
                  return Thread.currentThread();
                }));
        assertEquals(2, threads.idle());
      }
      worker.submit(closed::countDown);
    }
    closed.await();
    thread.join();
    assertEquals(100, order.size());
    assertEquals(order.stream().sorted().toList(), order);
  }

  @Test
  void stepsAfterAStuckOneStillRun() throws InterruptedException {
    CountDownLatch latch = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    try (Worker worker = threads.worker(call(50))) {
      assertThrows(TantraException.class, () -> worker.call(() -> awaitStubbornly(latch, "late")));
      worker.submit(closed::countDown);
    }
    latch.countDown();
    assertTrue(closed.await(30, TimeUnit.SECONDS));
  }

  @Test
  void interruptReachesTheRunningStepOnly() throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    try (Worker worker = threads.worker(unlimited())) {
      worker.interrupt();
      assertEquals("next", worker.call(() -> "next"));
      Thread interrupter =
          Thread.startVirtualThread(
              () -> {
                try {
                  started.await();
                } catch (InterruptedException _) {
                  Thread.currentThread().interrupt();
                }
                worker.interrupt();
              });
      TantraException thrown =
          assertThrows(
              TantraException.class,
              () ->
                  worker.call(
                      () -> {
                        started.countDown();
                        new CountDownLatch(1).await();
                        return "";
                      }));
      interrupter.join();
      assertTrue(String.valueOf(thrown.getMessage()).contains("InterruptedException"));
      assertEquals("next", worker.call(() -> "next"));
    }
  }

  @Test
  void closedWorkerTakesNoSteps() {
    Worker worker = threads.worker(unlimited());
    worker.close();
    worker.close();

    assertNotNull(assertThrows(IllegalStateException.class, () -> worker.call(() -> "")));
  }
}
