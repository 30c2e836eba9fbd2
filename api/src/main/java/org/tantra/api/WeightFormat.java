package org.tantra.api;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Optional;

/// Extension point: one encoding of a state dict in a file. Recognised by content, never by file
/// name.
///
/// The object is cheap and has no state; the host calls it from several threads.
public interface WeightFormat {
  /// Who this is. Called once, right after construction; the answer must not change.
  FormatInfo info();

  /// Whether these are the first bytes of a file of this format. Looks at nothing else, throws
  /// nothing.
  Probe probe(FileHead head);

  /// Whether the format reads a file that no format recognised by its content, because the caller
  /// says what it is. Asked of every format once all of them have declined [#probe(FileHead)]; the
  /// default declines again.
  default Probe probe(FileHead head, OpenOptions options) {
    return probe(head);
  }

  /// Maps a file and reads its header; no tensor is copied.
  ///
  /// Everything the header claims is checked against the real size of the file before memory is set
  /// aside for it. The result stays valid if the file is replaced by renaming another over it; the
  /// host never truncates a file in place.
  ///
  /// @throws TantraException `CORRUPT` if the file breaks the format's rules, `UNSUPPORTED` if it
  ///   is sound but holds something this plugin does not read; the message names file, place
  ///   (offset, record or weight) and reason
  /// @throws IOException if the file cannot be read
  WeightFile open(Path file, OpenOptions options) throws IOException;

  /// Writes a state dict from start to end, holding at most one tensor in memory. Equal sources
  /// give equal bytes.
  ///
  /// The host hands in a channel onto a file beside the final name, then syncs and renames; the
  /// channel is the host's to close.
  ///
  /// @throws TantraException `UNSUPPORTED` if the format cannot hold one of the tensors, naming it,
  ///   before the first byte is written
  /// @throws IOException if writing fails
  void write(WritableByteChannel channel, WeightSource source) throws IOException;

  /// Looks for code in a file and lists what it finds, without running or loading anything. Only
  /// formats that can carry code have something to say; the default has nothing.
  ///
  /// A damaged or hostile file is a report with its reason, not an error.
  ///
  /// @throws IOException if the file cannot be read
  default Optional<SafetyReport> scan(Path file) throws IOException {
    return Optional.empty();
  }
}
