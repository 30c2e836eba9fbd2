package org.tantra.api;

import org.jspecify.annotations.Nullable;
import org.tantra.api.tensor.TensorInfo;

/// What the caller knows about a file that the file itself may not say.
///
/// @param raw for files without any header: the one tensor they hold; null otherwise
/// @param bigEndian whether multi-byte values of such a file are big-endian
public record OpenOptions(@Nullable TensorInfo raw, boolean bigEndian) {
  /// The file speaks for itself.
  public static final OpenOptions NONE = new OpenOptions(null, false);
}
