package org.tantra.nn.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.util.List;

/// Bytes of tokens to text that may be shown: whole characters only, and nothing that could still
/// turn out to be the start of a stop text.
final class TextAssembler {
  private final List<String> stops;
  private final CharsetDecoder decoder =
      UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private final StringBuilder held = new StringBuilder();
  private byte[] incomplete = new byte[0];
  private boolean atStart;
  private boolean stopped;

  /// @param stripStart whether white space before the first other character is dropped
  TextAssembler(List<String> stops, boolean stripStart) {
    this.stops = stops;
    this.atStart = stripStart;
  }

  /// Adds a token's bytes and gives the text that became certain.
  String add(byte[] bytes) {
    decode(bytes, false);
    int stop = firstStop();
    if (stop >= 0) {
      stopped = true;
      held.setLength(stop);
      return release(stop);
    }
    return release(held.length() - withheld());
  }

  /// Whether a stop text was met; what follows it was dropped.
  boolean stopped() {
    return stopped;
  }

  /// Gives what was withheld; bytes that never became a character turn into U+FFFD.
  String finish() {
    decode(new byte[0], true);
    return release(held.length());
  }

  private void decode(byte[] bytes, boolean last) {
    ByteBuffer in = ByteBuffer.allocate(incomplete.length + bytes.length);
    in.put(incomplete).put(bytes).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
    decoder.decode(in, out, last);
    if (last) {
      decoder.flush(out);
    }
    incomplete = new byte[in.remaining()];
    in.get(incomplete);
    held.append(out.flip());
  }

  private int firstStop() {
    int first = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
      }
    }
    return first;
  }

  /// Length of the longest end of the text that begins a stop text.
  private int withheld() {
    int longest = 0;
    for (String stop : stops) {
      for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
        if (stop.startsWith(held.substring(held.length() - length))) {
          longest = length;
        }
      }
    }
    return longest;
  }

  private String release(int length) {
    int whole = length;
    if (whole > 0
        && whole < held.length()
        && Character.isSurrogatePair(held.charAt(whole - 1), held.charAt(whole))) {
      whole--;
    }
    String text = held.substring(0, whole);
    held.delete(0, whole);
    if (atStart) {
      text = text.stripLeading();
      atStart = text.isEmpty();
    }
    return text;
  }
}
