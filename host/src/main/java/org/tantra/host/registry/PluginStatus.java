package org.tantra.host.registry;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// One file of a drop-in folder and what became of it. Text and numbers only.
///
/// @param file the file, with its folder
/// @param id the plugin's id; `?` while the file cannot be read as a plugin
/// @param version its version; `?` likewise
/// @param state see [State]
/// @param message why, for people; empty for a plain ACTIVE
/// @param extensions what it contributes, ids by extension point (`Model` → `gpt2`); empty unless
///   ACTIVE
/// @param copy the running copy's number; 0 unless ACTIVE
/// @param since when it entered this state
public record PluginStatus(
    Path file,
    String id,
    String version,
    State state,
    String message,
    Map<String, List<String>> extensions,
    long copy,
    Instant since) {
  public PluginStatus {
    requireNonNull(file, "file");
    requireNonNull(state, "state");
    extensions = Map.copyOf(extensions);
  }

  public enum State {
    /// Still being written.
    SETTLING,
    /// Not a whole, well-formed plugin jar.
    REJECTED,
    /// Well-formed, but did not start; an older copy may still run.
    FAILED,
    /// Waits for a plugin it depends on.
    WAITING,
    /// A better version of the same plugin is used instead.
    SUPERSEDED,
    /// Switched off by the operator.
    DISABLED,
    /// Runs.
    ACTIVE
  }
}
