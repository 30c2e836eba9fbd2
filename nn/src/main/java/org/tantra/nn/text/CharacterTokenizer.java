package org.tantra.nn.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.OptionalInt;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// One token per Unicode code point, whose id it is; code points from `vocab` on cannot be told.
///
/// @param vocab number of token ids
public record CharacterTokenizer(int vocab) implements Tokenizer {
  public CharacterTokenizer {
    if (vocab < 1) {
      throw new IllegalArgumentException("a vocabulary of " + vocab);
    }
  }

  /// @throws TantraException `INVALID` if the text holds a code point from `vocab` on
  @Override
  public int[] encode(String text) {
    int[] ids = text.codePoints().toArray();
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] >= vocab) {
        throw new TantraException(
                ErrorKind.INVALID,
                "Character %d of the text is U+%04X; this model knows characters up to U+%04X. Leave it out, or ask another model."
                    .formatted(i + 1, ids[i], vocab - 1))
            .about("prompt");
      }
    }
    return ids;
  }

  /// As [#encode]: there are no special tokens.
  @Override
  public int[] encodeWithSpecials(String text) {
    return encode(text);
  }

  @Override
  public byte[] bytes(int id) {
    boolean character =
        id >= 0
            && id < vocab
            && Character.isValidCodePoint(id)
            && !(id >= Character.MIN_SURROGATE && id <= Character.MAX_SURROGATE);
    return character ? Character.toString(id).getBytes(UTF_8) : new byte[0];
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
