package org.tantra.nn.text;

import java.text.Normalizer;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// What kinds of byte-level byte-pair encoding do before they merge: how text is normalised, and
/// how it is split into pieces that no merge crosses. White space is Unicode's, and code points are
/// whole.
public enum BytePairScheme {
  /// GPT-2: text as it is.
  GPT2(
      false,
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\p{IsWhite_Space}\\p{L}\\p{N}]+"
          + "|\\p{IsWhite_Space}+(?!\\P{IsWhite_Space})|\\p{IsWhite_Space}+"),

  /// Qwen2 and its relatives: composed characters (NFC), digits one by one, line breaks with the
  /// punctuation before them.
  QWEN2(
      true,
      "(?iu:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
          + "| ?[^\\p{IsWhite_Space}\\p{L}\\p{N}]+[\\r\\n]*|\\p{IsWhite_Space}*[\\r\\n]+"
          + "|\\p{IsWhite_Space}+(?!\\P{IsWhite_Space})|\\p{IsWhite_Space}+");

  private final boolean composes;
  private final Pattern split;

  BytePairScheme(boolean composes, String split) {
    this.composes = composes;
    this.split = Pattern.compile(split);
  }

  /// One match after the other, the pieces of a normalised text.
  Pattern split() {
    return split;
  }

  /// The same in the words of the regular expressions of a `tokenizer.json`.
  String oniguruma() {
    return split
        .pattern()
        .replace("(?iu:", "(?i:")
        .replace("\\p{IsWhite_Space}", "\\s")
        .replace("\\P{IsWhite_Space}", "\\S");
  }

  /// The pieces of a text, in order.
  public List<String> pieces(String text) {
    return split.matcher(normalise(text)).results().map(MatchResult::group).toList();
  }

  /// The text whose bytes the tokens of a text spell.
  public String normalise(String text) {
    return composes ? Normalizer.normalize(text, Normalizer.Form.NFC) : text;
  }
}
