package org.tantra.nn.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.OptionalInt;
import java.util.Set;

/// One token per byte of UTF-8, ids 0 to 255, and perhaps an end-of-text token 256.
public final class ByteTokenizer implements Tokenizer {
  /// The id of the end-of-text token, if there is one.
  public static final int END = 256;

  private final boolean withEnd;

  private ByteTokenizer(boolean withEnd) {
    this.withEnd = withEnd;
  }

  /// 256 tokens and nothing else.
  public static ByteTokenizer plain() {
    return new ByteTokenizer(false);
  }

  /// 257 tokens, the last of them [#END].
  public static ByteTokenizer withEnd() {
    return new ByteTokenizer(true);
  }

  @Override
  public int vocab() {
    return withEnd ? END + 1 : END;
  }

  @Override
  public int[] encode(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      ids[i] = Byte.toUnsignedInt(bytes[i]);
    }
    return ids;
  }

  /// As [#encode]: the end-of-text token has no text.
  @Override
  public int[] encodeWithSpecials(String text) {
    return encode(text);
  }

  @Override
  public byte[] bytes(int id) {
    return id >= 0 && id < END ? new byte[] {(byte) id} : new byte[0];
  }

  @Override
  public Set<Integer> endIds() {
    return withEnd ? Set.of(END) : Set.of();
  }

  @Override
  public OptionalInt startId() {
    return withEnd ? OptionalInt.of(END) : OptionalInt.empty();
  }
}
