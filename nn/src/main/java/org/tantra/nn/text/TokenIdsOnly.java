package org.tantra.nn.text;

import java.util.OptionalInt;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Stands in for the tokenizer that a checkpoint came without: requests with token ids work, their
/// answers have ids but no text, and requests with text are refused with the reason.
///
/// @param vocab number of token ids
/// @param endIds ids that end a text
/// @param startId id that begins a text, if there is one
/// @param reason what is missing and what to do, in whole sentences
public record TokenIdsOnly(int vocab, Set<Integer> endIds, OptionalInt startId, String reason)
    implements Tokenizer {
  public TokenIdsOnly {
    endIds = Set.copyOf(endIds);
  }

  /// @throws TantraException `INVALID`, always, with the reason
  @Override
  public int[] encode(String text) {
    throw new TantraException(ErrorKind.INVALID, reason).about("prompt");
  }

  /// @throws TantraException `INVALID`, always, with the reason
  @Override
  public int[] encodeWithSpecials(String text) {
    return encode(text);
  }

  @Override
  public byte[] bytes(int id) {
    return new byte[0];
  }
}
