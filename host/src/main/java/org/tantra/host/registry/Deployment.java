package org.tantra.host.registry;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;

/// What came of an attempt to run a plugin jar. Text only, so it may be kept.
public sealed interface Deployment {
  /// The new copy serves.
  ///
  /// @param running the new copy
  /// @param replaced the copy it took over from; null if none ran
  record Running(PluginRef running, @Nullable PluginRef replaced) implements Deployment {}

  /// Nothing has changed: what ran before runs on.
  ///
  /// @param plugin id and version of the jar, as in messages
  /// @param step which step failed
  /// @param kind what kind of failure it was
  /// @param reason one sentence
  /// @param running the copy that goes on serving; null if none does
  record Refused(
      String plugin, Step step, ErrorKind kind, String reason, @Nullable PluginRef running)
      implements Deployment {
    /// Reason and consequence, for people.
    public String message() {
      return running == null
          ? reason
          : reason + " Version " + running.version() + " keeps running.";
    }
  }

  /// The steps of an update, in order.
  enum Step {
    /// Versions of SPI, Java and dependencies.
    CHECK,
    /// The runtime makes a class loader.
    LOAD,
    /// Extension objects are made and asked who they are.
    CONSTRUCT,
    /// No other plugin may have an extension of the same id.
    REGISTER,
    /// What is in use in the old copy is loaded and verified in the new one.
    PREPARE
  }

  /// The failure, if it is one.
  default Optional<Refused> refused() {
    return this instanceof Refused refused ? Optional.of(refused) : Optional.empty();
  }
}
