package org.tantra.host.concurrent;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/// Counts the users of something that must outlive them, without locks.
///
/// Retiring refuses new users; [#drained()] completes when the last one has gone.
public final class UseCount {
  private static final long RETIRED = 1L << 62;

  private final AtomicLong count = new AtomicLong();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();

  /// One more user, unless it is retired.
  public boolean tryAcquire() {
    while (true) {
      long now = count.get();
      if ((now & RETIRED) != 0) {
        return false;
      }
      if (count.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  /// One user less; once per successful [#tryAcquire()].
  public void release() {
    if (count.decrementAndGet() == RETIRED) {
      drained.complete(null);
    }
  }

  /// Refuses users from now on. Calling it again changes nothing.
  public CompletableFuture<Void> retire() {
    long before = count.getAndUpdate(now -> now | RETIRED);
    if ((before & ~RETIRED) == 0) {
      drained.complete(null);
    }
    return drained;
  }

  /// Completes once it is retired and the last user has gone.
  public CompletableFuture<Void> drained() {
    return drained;
  }

  /// Users right now.
  public long users() {
    return count.get() & ~RETIRED;
  }
}
