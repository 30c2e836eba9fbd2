package org.tantra.host.store;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.Cancellation;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightSource;
import org.tantra.host.weights.Conversion;

/// What the store asks of running plugins: formats read and write files, models say which weights
/// their networks need. Implemented by the host.
public interface StorePlugins {
  /// Ids of all models and encoders.
  Set<String> types();

  /// The named configurations of a type; empty if it has no weights.
  ///
  /// @throws TantraException `NOT_FOUND` if no running plugin contributes the type
  Map<String, Map<String, Object>> sizes(String type);

  /// The weights that a configuration asks for; nothing if the type has none.
  ///
  /// @throws TantraException `NOT_FOUND` for an unknown type; `INVALID` or `UNSUPPORTED` if its
  ///   plugin has no such network
  Optional<WeightPlan> plan(String type, Settings config);

  /// What the type's own configuration file says of its network; empty if it says nothing.
  Settings configured(String type);

  /// Opens a weight file of whatever format.
  ///
  /// @throws TantraException if no running format reads it
  Opened open(Path file);

  /// The format that a word means: its id, or an ending of its files, such as `pt` and `bin`.
  ///
  /// @throws TantraException `UNSUPPORTED` if no running format writes such files, naming those
  ///   that do
  Target target(String word);

  /// Writes a weight file, read back and compared.
  ///
  /// @param format its id
  /// @throws TantraException if the format cannot hold the weights, or the disk is full
  void write(
      WeightSource weights,
      Path file,
      String format,
      Conversion.Listener listener,
      Cancellation cancellation);

  /// A format that writes.
  ///
  /// @param format its id
  /// @param ending of the file to write
  record Target(String format, String ending) {}

  /// An open weight file.
  interface Opened extends AutoCloseable {
    /// Id of the format that reads it.
    String format();

    /// What it holds, until it is closed.
    WeightSource weights();

    @Override
    void close();
  }
}
