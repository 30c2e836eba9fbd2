package org.tantra.host.registry;

import java.util.Comparator;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The right to use one extension until closed; its plugin is not unloaded before.
///
/// Open it in try-with-resources, or hand it to whatever keeps the extension's objects and closes
/// it after them.
public final class Lease<T> implements AutoCloseable {
  private record Held<T>(T extension, PluginCopy copy) {}

  static final Comparator<Lease<?>> OLDEST_FIRST =
      Comparator.comparingLong(lease -> lease.openedNanos);

  private final PluginRef plugin;
  private final String holder;
  private final long openedNanos = System.nanoTime();
  private final AtomicReference<@Nullable Held<T>> held;

  /// The copy's lease count has already been raised for this lease.
  Lease(T extension, PluginCopy copy, String holder) {
    this.plugin = copy.ref();
    this.holder = holder;
    this.held = new AtomicReference<>(new Held<>(extension, copy));
  }

  /// @throws IllegalStateException if the lease is closed
  public T get() {
    return held().extension();
  }

  /// Whose extension it is.
  public PluginRef plugin() {
    return plugin;
  }

  /// What threads that run the plugin's code set as their context class loader.
  ///
  /// @throws IllegalStateException if the lease is closed
  public ClassLoader contextClassLoader() {
    return held().copy().contextClassLoader();
  }

  /// A further lease on the same extension, also while its plugin is being retired: this one is
  /// still open.
  ///
  /// @param holder who asks, for messages
  /// @throws IllegalStateException if this lease is closed
  public Lease<T> again(String holder) {
    Held<T> now = held();
    return now.copy().leaseAgain(now.extension(), holder);
  }

  private Held<T> held() {
    Held<T> now = held.get();
    if (now == null) {
      throw new IllegalStateException("the lease on " + plugin + " is closed");
    }
    return now;
  }

  /// Who has it and for how long: `POST /v1/transcriptions for 41 s`.
  String describe() {
    return holder + " for " + (System.nanoTime() - openedNanos) / 1_000_000_000 + " s";
  }

  /// Gives the right back. Calling it again does nothing.
  @Override
  public void close() {
    Held<T> now = held.getAndSet(null);
    if (now != null) {
      now.copy().release(this);
    }
  }
}
