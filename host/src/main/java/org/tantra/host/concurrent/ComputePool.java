package org.tantra.host.concurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Compute;

/// The threads for arithmetic: one fewer than cores, since whoever calls works too.
///
/// Made when the host starts, so that no thread ever inherits a plugin's context class loader. A
/// decode step hands over dozens of times per token, so idle threads look for work for a moment
/// before they sleep. Several callers may be at work at once; the threads help whom they find. A
/// finished body is not kept: it would keep the plugin's classes.
public final class ComputePool implements Compute, AutoCloseable {
  /// Rounds of looking before sleeping: some tens of microseconds, less than one layer of a small
  /// network takes, more than the serial work between two layers.
  private static final int SPINS = 4_000;

  /// Bound on a caller's thread while it runs parts.
  private static final ScopedValue<ComputePool> INSIDE = ScopedValue.newInstance();

  private final List<Helper> helpers = new ArrayList<>();
  private final AtomicReferenceArray<@Nullable Work> slots;
  private volatile boolean closed;

  /// @param threads how many shall work at once, the caller included
  /// @param context context class loader of the threads, the host's own
  public ComputePool(int threads, ClassLoader context) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads is " + threads + "; it must be at least 1");
    }
    // One slot for each caller that may compute at once, and some for those beyond.
    this.slots = new AtomicReferenceArray<>(threads + 2);
    for (int i = 1; i < threads; i++) {
      Helper helper = new Helper("compute-" + i);
      helper.setContextClassLoader(context);
      helper.setDaemon(true);
      helpers.add(helper);
    }
    helpers.forEach(Thread::start);
  }

  @Override
  public int threads() {
    return helpers.size() + 1;
  }

  @Override
  public void parallel(int parts, Part body) {
    requireOutermost();
    if (parts > 0) {
      ScopedValue.where(INSIDE, this).run(() -> share(parts, body));
    }
  }

  @Override
  public <T> T await(Supplier<T> waiting) {
    return Turn.lendCurrent(waiting);
  }

  private void requireOutermost() {
    boolean inside = INSIDE.isBound() && INSIDE.get() == this;
    if (inside || Thread.currentThread() instanceof Helper) {
      throw new IllegalStateException(
          "a part called parallel() again; split the work in one call instead");
    }
  }

  private void share(int parts, Part body) {
    Work work = new Work(parts, body);
    int slot = parts == 1 || closed ? -1 : publish(work);
    if (slot >= 0) {
      wake(parts - 1);
    }
    work.runParts();
    if (slot >= 0) {
      slots.set(slot, null);
      work.awaitOthers();
    }
    work.throwFailure();
  }

  /// @return the slot, or -1 if all are taken: the caller then works alone
  private int publish(Work work) {
    for (int slot = 0; slot < slots.length(); slot++) {
      if (slots.compareAndSet(slot, null, work)) {
        return slot;
      }
    }
    return -1;
  }

  private void wake(int wanted) {
    int woken = 0;
    for (int i = 0; i < helpers.size() && woken < wanted; i++) {
      if (helpers.get(i).wake()) {
        woken++;
      }
    }
  }

  /// Runs parts of whatever is there. A method of its own, so that a sleeping thread has no frame
  /// that refers to work.
  private boolean help() {
    boolean found = false;
    for (int slot = 0; slot < slots.length(); slot++) {
      Work work = slots.get(slot);
      if (work != null && work.hasParts()) {
        work.runParts();
        found = true;
      }
    }
    return found;
  }

  /// Ends the threads; callers then work alone. Calling it again does nothing.
  @Override
  public void close() {
    closed = true;
    helpers.forEach(LockSupport::unpark);
  }

  private final class Helper extends Thread {
    /// Whether it sleeps, or is about to.
    private final AtomicBoolean asleep = new AtomicBoolean();

    Helper(String name) {
      super(null, null, name, 0, false);
    }

    @Override
    public void run() {
      while (!closed) {
        if (!lookForWork()) {
          sleep();
        }
      }
    }

    private boolean lookForWork() {
      for (int spin = 0; spin < SPINS; spin++) {
        if (help()) {
          return true;
        }
        Thread.onSpinWait();
      }
      return false;
    }

    /// Work that is published after the last look sees the mark and wakes this thread.
    private void sleep() {
      asleep.set(true);
      if (!help() && !closed && asleep.get()) {
        LockSupport.park(ComputePool.this);
      }
      asleep.set(false);
    }

    boolean wake() {
      if (asleep.compareAndSet(true, false)) {
        LockSupport.unpark(this);
        return true;
      }
      return false;
    }
  }

  /// One call of `parallel`.
  private static final class Work {
    private final int parts;
    private final Part body;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger finished = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Thread caller = Thread.currentThread();

    Work(int parts, Part body) {
      this.parts = parts;
      this.body = body;
    }

    boolean hasParts() {
      return next.get() < parts;
    }

    void runParts() {
      for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
        try {
          body.run(part);
        } catch (Throwable thrown) { // carried to the caller, whatever it is
          failure.compareAndSet(null, thrown);
        } finally {
          if (finished.incrementAndGet() == parts) {
            LockSupport.unpark(caller);
          }
        }
      }
    }

    void awaitOthers() {
      boolean interrupted = false;
      for (int spin = 0; finished.get() < parts; spin++) {
        if (spin < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
          interrupted |= Thread.interrupted(); // a set flag would make park return at once
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    void throwFailure() {
      switch (failure.get()) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e -> throw new IllegalStateException(e); // thrown past the compiler
      }
    }
  }
}
