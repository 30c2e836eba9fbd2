package org.tantra.host.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256 of memory.
final class Digests {
  private static final int STEP_BYTES = 1 << 16;

  private Digests() {}

  /// In lower-case hex.
  static String sha256(MemorySegment memory) {
    MessageDigest digest = sha256();
    byte[] step = new byte[(int) Math.min(STEP_BYTES, memory.byteSize())];
    for (long at = 0; at < memory.byteSize(); at += step.length) {
      int length = (int) Math.min(step.length, memory.byteSize() - at);
      MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at, step, 0, length);
      digest.update(step, 0, length);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
