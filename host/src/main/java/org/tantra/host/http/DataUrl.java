package org.tantra.host.http;

import java.lang.foreign.MemorySegment;
import java.util.Base64;

/// Files inside JSON: data URLs and bare base64.
final class DataUrl {
  private DataUrl() {}

  /// The bytes of `data:image/png;base64,…`.
  ///
  /// @param fields whose field it is, for messages
  static MemorySegment decode(Fields fields, String name, String url) {
    int comma = url.indexOf(',');
    if (!url.startsWith("data:") || comma < 0 || !url.substring(0, comma).endsWith(";base64")) {
      // Fetching what a caller names would let it reach whatever this machine can reach.
      throw fields.refuse(
          name,
          fields.name(name)
              + " is not a data URL; this host fetches no files. Send"
              + " 'data:image/png;base64,...'.");
    }
    return base64(fields, name, url.substring(comma + 1));
  }

  /// The bytes of a data URL or of base64.
  static MemorySegment decodeAny(Fields fields, String name, String text) {
    return text.startsWith("data:") || text.contains("://")
        ? decode(fields, name, text)
        : base64(fields, name, text);
  }

  static MemorySegment base64(Fields fields, String name, String base64) {
    try {
      return MemorySegment.ofArray(Base64.getMimeDecoder().decode(base64)).asReadOnly();
    } catch (IllegalArgumentException e) {
      throw fields.refuse(name, fields.name(name) + " is not base64: " + e.getMessage() + ".");
    }
  }
}
