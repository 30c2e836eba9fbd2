package org.tantra.plugin.whisper;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.OptionalInt;
import java.util.Set;
import org.tantra.nn.text.Tokenizer;

/// The vocabulary of models too small for words: token ids 0 to 255 are bytes.
final class ByteTokens implements Tokenizer {
  static final int COUNT = 256;

  @Override
  public int vocab() {
    return COUNT;
  }

  @Override
  public int[] encode(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = bytes[i] & 0xff;
    }
    return ids;
  }

  @Override
  public int[] encodeWithSpecials(String text) {
    return encode(text);
  }

  @Override
  public byte[] bytes(int id) {
    return id >= 0 && id < COUNT ? new byte[] {(byte) id} : new byte[0];
  }

  @Override
  public Set<Integer> endIds() {
    return Set.of();
  }

  @Override
  public OptionalInt startId() {
    return OptionalInt.empty();
  }
}
