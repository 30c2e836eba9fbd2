package org.tantra.nn.text;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Compute;

/// Steps of several rows of one network taken together, so that its weights are read once for all
/// of them.
///
/// There is no thread for it. A row that wants to take a step while none is being taken leads: it
/// takes along whoever waits, and hands the lead to one of those that came meanwhile. Rows that
/// took the last step together are about to come again, once their tokens are chosen; so whoever
/// leads gives them a moment, a part of what a step costs. A row that is alone waits for nobody.
///
/// A row's numbers are the same in any company. Safe from any thread; a row has one at a time.
///
/// @param <R> what a network remembers of one row of tokens
public final class JointSteps<R> {
  /// Rows of one step: beyond, arithmetic costs as much as what is saved by reading less.
  private static final int MOST = 16;

  /// Part of the last step's time that those who took it have to come again.
  private static final int PATIENCE = 4;

  private final Network<R> network;
  private final int vocab;
  private final Compute compute;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Ticket<R>> waiting = new ArrayDeque<>(); // guarded by lock
  private final Set<R> last = Collections.newSetFromMap(new IdentityHashMap<>()); // guarded by lock
  private boolean led; // guarded by lock
  private long stepNanos; // guarded by lock
  private float[] several = {}; // of whoever leads

  /// The way of several rows through the layers; one call at a time.
  @FunctionalInterface
  public interface Network<R> {
    /// Takes one more token of each row.
    ///
    /// @param tokens one id for each row
    /// @param positions how many tokens each row had before
    /// @param logits `[rows, vocab]`, overwritten with those of the tokens that follow
    void step(List<R> rows, int[] tokens, int[] positions, float[] logits);
  }

  /// @param compute where the network computes
  public JointSteps(Network<R> network, int vocab, Compute compute) {
    this.network = network;
    this.vocab = vocab;
    this.compute = compute;
  }

  /// Takes one token of a row, with others if there are any.
  ///
  /// @param logits `[vocab]`, overwritten
  /// @throws RuntimeException what the network threw; every row of the step gets it, and can then
  ///   only be closed
  void take(R row, int token, int position, float[] logits) {
    Ticket<R> ticket = new Ticket<>(row, token, position, logits);
    if (join(ticket) || compute.await(ticket.leads::join)) {
      lead(ticket);
    }
    ticket.throwFailure();
  }

  /// Nobody need wait for this row again.
  void leave(R row) {
    lock.lock();
    try {
      last.remove(row);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /// How many rows wait for a step.
  int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /// @return whether the ticket's row leads
  private boolean join(Ticket<R> ticket) {
    lock.lock();
    try {
      boolean leads = !led;
      led = true;
      waiting.add(ticket);
      changed.signal();
      return leads;
    } finally {
      lock.unlock();
    }
  }

  private void lead(Ticket<R> own) {
    List<Ticket<R>> together = gather(own);
    long began = System.nanoTime();
    try {
      step(together);
    } catch (Throwable e) { // of plugin code: everybody's, whatever it is
      together.forEach(ticket -> ticket.failure = e);
    }
    handOver(together, System.nanoTime() - began);
    together.stream()
        .filter(ticket -> ticket != own)
        .forEach(ticket -> ticket.leads.complete(false));
  }

  /// Waits for those who are about to come, for a moment, and takes who is there.
  private List<Ticket<R>> gather(Ticket<R> own) {
    if (isSomebodyMissing()) {
      var _ = compute.await(this::awaitThem);
    }
    lock.lock();
    try {
      List<Ticket<R>> together = new ArrayList<>();
      waiting.remove(own);
      together.add(own);
      while (together.size() < MOST && !waiting.isEmpty()) {
        together.add(waiting.remove());
      }
      return together;
    } finally {
      lock.unlock();
    }
  }

  /// @return whether they came
  private boolean awaitThem() {
    lock.lock();
    try {
      long patience = stepNanos / PATIENCE;
      while (patience > 0 && isSomebodyMissing()) {
        patience = changed.awaitNanos(patience);
      }
      return !isSomebodyMissing();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // meant for whatever this thread does next
      return false;
    } finally {
      lock.unlock();
    }
  }

  private boolean isSomebodyMissing() {
    lock.lock();
    try {
      long here = waiting.stream().filter(ticket -> last.contains(ticket.row)).count();
      return here < last.size() && waiting.size() < MOST;
    } finally {
      lock.unlock();
    }
  }

  private void step(List<Ticket<R>> together) {
    int count = together.size();
    int[] tokens = together.stream().mapToInt(ticket -> ticket.token).toArray();
    int[] positions = together.stream().mapToInt(ticket -> ticket.position).toArray();
    List<R> rows = together.stream().map(ticket -> ticket.row).toList();
    if (count == 1) {
      network.step(rows, tokens, positions, together.getFirst().logits);
      return;
    }
    if (several.length < count * vocab) {
      several = new float[count * vocab];
    }
    network.step(rows, tokens, positions, several);
    for (int i = 0; i < count; i++) {
      System.arraycopy(several, i * vocab, together.get(i).logits, 0, vocab);
    }
  }

  /// The next leader is called before those who are done, who then come while it gathers.
  private void handOver(List<Ticket<R>> together, long nanos) {
    lock.lock();
    try {
      stepNanos = nanos;
      last.clear();
      together.stream().map(ticket -> ticket.row).forEach(last::add);
      Ticket<R> next = waiting.peek();
      if (next == null) {
        led = false;
      } else {
        next.leads.complete(true);
      }
    } finally {
      lock.unlock();
    }
  }

  /// One row's wish to take a step.
  private static final class Ticket<R> {
    private final R row;
    private final int token;
    private final int position;
    private final float[] logits;

    /// Whether the row leads the next step, or its own has been taken.
    private final CompletableFuture<Boolean> leads = new CompletableFuture<>();

    private volatile @Nullable Throwable failure;

    Ticket(R row, int token, int position, float[] logits) {
      this.row = row;
      this.token = token;
      this.position = position;
      this.logits = logits;
    }

    void throwFailure() {
      switch (failure) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e -> throw new IllegalStateException(e); // thrown past the compiler
      }
    }
  }
}
