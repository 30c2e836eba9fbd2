package org.tantra.api;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Everything published for one model: weights, configuration, tokenizer files. Implemented by the
/// host, which opens the files and closes them when the last user is gone.
public interface Checkpoint {
  /// What the store calls it, for messages.
  String name();

  /// Which version this is; part of the receipt of an answer.
  String version();

  /// All weights, whatever the format and however many shards.
  WeightSource weights();

  /// A JSON side file such as `config.json`, parsed.
  ///
  /// @throws TantraException `CORRUPT` if the file is there but is no JSON object, with line and
  ///   column
  Optional<Settings> json(String fileName);

  /// A side file's bytes, mapped read-only for as long as the checkpoint is open.
  Optional<MemorySegment> file(String fileName);
}
