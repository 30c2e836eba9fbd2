package org.tantra.host.registry;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The right to use one extension until closed; its plugin is not unloaded before.
///
/// Open it in try-with-resources, or hand it to whatever keeps the extension's objects and closes
/// it after them.
public final class Lease<T> implements AutoCloseable {
  private record Held<T>(T extension, PluginCopy copy) {}

  private final PluginRef plugin;
  private final AtomicReference<@Nullable Held<T>> held;

  /// The copy's lease count has already been raised for this lease.
  Lease(T extension, PluginCopy copy) {
    this.plugin = copy.ref();
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

  private Held<T> held() {
    Held<T> now = held.get();
    if (now == null) {
      throw new IllegalStateException("the lease on " + plugin + " is closed");
    }
    return now;
  }

  /// Gives the right back. Calling it again does nothing.
  @Override
  public void close() {
    Held<T> now = held.getAndSet(null);
    if (now != null) {
      now.copy().release();
    }
  }
}
