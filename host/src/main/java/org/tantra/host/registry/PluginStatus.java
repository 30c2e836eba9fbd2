package org.tantra.host.registry;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// What became of one file in a drop-in folder.
///
/// @param file the jar
/// @param id the plugin's id; null while the jar has not been read
/// @param version its version; null while the jar has not been read
/// @param message why it is in this state, one sentence or two; empty if there is nothing to say
/// @param extensions ids by the simple name of the extension point; empty unless it runs
/// @param copy number of the copy that runs from it; 0 if none does
/// @param since when state or message last changed
public record PluginStatus(
    Path file,
    @Nullable String id,
    @Nullable String version,
    State state,
    String message,
    Map<String, SortedSet<String>> extensions,
    long copy,
    Instant since) {
  /// What became of a file.
  public enum State {
    /// It is still changing, or has been seen too recently to tell.
    SETTLING,
    /// It is not a whole jar, or not a plugin.
    REJECTED,
    /// It would run, but a plugin whose classes it uses does not.
    WAITING,
    /// The plugin could not be started; what ran before runs on.
    FAILED,
    /// Another file has a newer version of the plugin.
    SUPERSEDED,
    /// An operator has switched the plugin off.
    DISABLED,
    /// It runs.
    ACTIVE
  }

  public PluginStatus {
    extensions = Map.copyOf(extensions);
  }

  PluginStatus since(Instant other) {
    return new PluginStatus(file, id, version, state, message, extensions, copy, other);
  }

  boolean tellsTheSameAs(PluginStatus other) {
    return state == other.state && copy == other.copy && message.equals(other.message);
  }
}
