package org.tantra.host.concurrent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tantra.api.Compute.Part;

@Timeout(300)
final class ComputePoolTest {
  private final ClassLoader context = new ClassLoader("host", null) {};
  private final ComputePool pool = new ComputePool(3, context);

  @AfterEach
  void close() {
    pool.close();
    pool.close();
  }

  @Test
  void everyPartRunsOnce() {
    for (int parts : new int[] {0, 1, 2, 3, 7, 1_000}) {
      AtomicIntegerArray runs = new AtomicIntegerArray(Math.max(parts, 1));
      pool.parallel(parts, runs::incrementAndGet);
      for (int part = 0; part < parts; part++) {
        assertEquals(1, runs.get(part));
      }
    }
  }

  @Test
  void partsRunAtTheSameTimeOnAllThreads() {
    CountDownLatch together = new CountDownLatch(3);
    Set<Thread> workers = ConcurrentHashMap.newKeySet();

    pool.parallel(
        3,
        _ -> {
          workers.add(Thread.currentThread());
          together.countDown();
          await(together);
        });

    assertEquals(3, workers.size());
    assertTrue(workers.contains(Thread.currentThread()));
    workers.remove(Thread.currentThread());
    workers.forEach(worker -> assertSame(context, worker.getContextClassLoader()));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void firstFailureIsThrownAfterAllPartsHaveEnded() {
    LongAdder ended = new LongAdder();
    IllegalStateException failure =
        assertThrows(
            IllegalStateException.class,
            () ->
                pool.parallel(
                    100,
                    part -> {
                      ended.increment();
                      if (part == 7) {
                        throw new IllegalStateException("part 7");
                      }
                    }));

    assertEquals("part 7", failure.getMessage());
    assertEquals(100, ended.sum());
    pool.parallel(2, _ -> ended.increment());
    assertEquals(102, ended.sum());
  }

  @Test
  void nestedUseIsRefusedOnEveryThread() {
    CountDownLatch together = new CountDownLatch(3);
    Set<String> messages = ConcurrentHashMap.newKeySet();
    LongAdder refused = new LongAdder();

    pool.parallel(
        3,
        _ -> {
          together.countDown();
          await(together);
          messages.add(
              String.valueOf(
                  assertThrows(IllegalStateException.class, () -> pool.parallel(1, _ -> {}))
                      .getMessage()));
          refused.increment();
        });

    assertEquals(3, refused.sum());
    assertEquals(
        Set.of("a part called parallel() again; split the work in one call instead"), messages);
  }

  @Test
  void moreCallersThanThreadsAllFinish() throws InterruptedException {
    LongAdder sum = new LongAdder();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      callers.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int round = 0; round < 500; round++) {
                      pool.parallel(5, sum::add);
                    }
                  }));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertEquals(12 * 500 * (0 + 1 + 2 + 3 + 4), sum.sum());
  }

  @Test
  void sleepingThreadsAreWoken() {
    for (int round = 0; round < 20; round++) {
      CountDownLatch together = new CountDownLatch(3);
      pool.parallel(
          3,
          _ -> {
            together.countDown();
            await(together);
          });
      LockSupport.parkNanos(2_000_000);
    }
    assertEquals(3, pool.threads());
  }

  @Test
  void finishedBodyIsNotKept() {
    WeakReference<Part> body = runOnce();
    while (!body.refersTo(null) && !Thread.currentThread().isInterrupted()) {
      System.gc(); // until the time limit of the test interrupts
    }
    assertTrue(body.refersTo(null));
  }

  private WeakReference<Part> runOnce() {
    LongAdder sum = new LongAdder();
    Part body = sum::add;
    pool.parallel(50, body);
    return new WeakReference<>(body);
  }

  @Test
  void closedPoolWorksOnTheCallersThread() {
    pool.close();
    AtomicBoolean other = new AtomicBoolean();
    Thread caller = Thread.currentThread();
    pool.parallel(10, _ -> other.compareAndSet(false, !Thread.currentThread().equals(caller)));

    assertTrue(!other.get());
  }

  @Test
  void interruptedCallerFinishesItsWorkAndKeepsItsFlag() {
    Thread.currentThread().interrupt();
    LongAdder sum = new LongAdder();
    pool.parallel(10, sum::add);

    assertTrue(Thread.interrupted());
    assertEquals(45, sum.sum());
  }
}
