package org.tantra.host.concurrent;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What the host knows about a call into plugin code before it makes it.
///
/// @param plugin whose code, for messages: `gpt2 1.0.0`
/// @param context context class loader of the thread that makes the call
/// @param doing what is being done, for messages: `loading model 'gpt2'`
/// @param limit how long one step may run before the host gives up on it; null for as long as it
///   takes
public record PluginCall(
    String plugin, ClassLoader context, String doing, @Nullable Duration limit) {
  public PluginCall {
    requireNonNull(plugin, "plugin");
    requireNonNull(context, "context");
    requireNonNull(doing, "doing");
  }
}
