package org.tantra.plugin.pytorch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.plugin.pytorch.zip.ZipWriter;
import org.tantra.testkit.WeightAssertions;

/// Makes archives for tests, and reads them whole.
final class Archives {
  private static final int STORAGE_BYTES = 64;

  private Archives() {}

  /// A sound archive with this pickle and one storage, `0`, of 64 bytes.
  static byte[] around(byte[] pickle) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ZipWriter zip = new ZipWriter(Channels.newChannel(out));
    byte[] storage = new byte[STORAGE_BYTES];
    for (int i = 0; i < STORAGE_BYTES; i++) {
      storage[i] = (byte) i;
    }
    zip.add("archive/data.pkl", pickle);
    zip.add("archive/data/0", storage);
    zip.add("archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    zip.finish();
    return out.toByteArray();
  }

  /// Opens a file and reads all of it: either works, or the file is refused as damaged or as
  /// something else.
  ///
  /// @return whether it was read
  static boolean assertReadOrRefused(Function<Arena, WeightFile> open) {
    try (Arena arena = Arena.ofConfined()) {
      WeightFile file = open.apply(arena);
      file.metadata();
      file.shared();
      WeightAssertions.assertReadable(file);
      return true;
    } catch (TantraException e) {
      assertTrue(
          e.kind() == ErrorKind.CORRUPT || e.kind() == ErrorKind.UNSUPPORTED, e.getMessage());
      return false;
    }
  }
}
