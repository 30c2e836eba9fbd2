package org.tantra.api;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Set;
import org.tantra.api.tensor.DType;

/// Who a weight format is.
///
/// @param id unique among the formats of a host, such as `safetensors`
/// @param title one line for people
/// @param extensions usual file name extensions without the dot, the first one used when writing
/// @param writes element types it can write; empty if it only reads
/// @param metadata whether metadata that is written comes back
public record FormatInfo(
    String id, String title, List<String> extensions, Set<DType> writes, boolean metadata) {
  public FormatInfo {
    ModelInfo.requireExtensionId(id);
    requireNonNull(title, "title");
    extensions = List.copyOf(extensions);
    writes = Set.copyOf(writes);
    if (extensions.isEmpty()) {
      throw new IllegalArgumentException("format '" + id + "' has no usual extension");
    }
  }

  /// A format that has no place for metadata.
  public FormatInfo(String id, String title, List<String> extensions, Set<DType> writes) {
    this(id, title, extensions, writes, false);
  }

  public boolean canWrite() {
    return !writes.isEmpty();
  }
}
