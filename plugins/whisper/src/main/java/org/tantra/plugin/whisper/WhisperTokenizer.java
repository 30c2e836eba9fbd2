package org.tantra.plugin.whisper;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.tantra.nn.text.Tokenizer;

/// Text to token ids and back, special tokens included. Immutable; safe from any thread.
final class WhisperTokenizer {
  /// What is not said, though subtitles have it: each is suppressed if it is one token, alone or
  /// after a space.
  private static final List<String> SYMBOLS =
      symbols(
          "\" # ( ) * + / : ; < = > @ [ \\ ] ^ _ ` { | } ~ 「 」 『 』"
              + " << >> <<< >>> -- --- -( -[ (' (\" (( )) ((( ))) [[ ]] {{ }} ♪♪ ♪♪♪");

  /// Musical signs: their first token is suppressed, though there may be more.
  private static final List<String> MUSIC = symbols("♩ ♪ ♫ ♬ ♭ ♮ ♯");

  private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

  private final Tokenizer words;
  private final SpecialTokens specials;
  private final List<Integer> notSpoken;

  WhisperTokenizer(Tokenizer words, SpecialTokens specials) {
    this.words = words;
    this.specials = specials;
    this.notSpoken = List.copyOf(notSpoken(words));
  }

  private static List<String> symbols(String spaced) {
    return List.of(spaced.split(" ", -1));
  }

  private static Set<Integer> notSpoken(Tokenizer words) {
    Set<Integer> ids = new TreeSet<>();
    // Hyphens and quotes are fine inside a word, not in front of it.
    ids.add(words.encode(" -")[0]);
    ids.add(words.encode(" '")[0]);
    List<String> all = new ArrayList<>(SYMBOLS);
    all.addAll(MUSIC);
    for (String symbol : all) {
      for (String text : List.of(symbol, " " + symbol)) {
        int[] tokens = words.encode(text);
        if (tokens.length == 1 || MUSIC.contains(symbol)) {
          ids.add(tokens[0]);
        }
      }
    }
    return ids;
  }

  SpecialTokens specials() {
    return specials;
  }

  /// Ids of what is written, but not said.
  List<Integer> notSpoken() {
    return notSpoken;
  }

  int[] encode(String text) {
    return words.encode(text);
  }

  /// Text as said before: stripped, with a space in front.
  int[] encodeSpoken(String text) {
    return encode(" " + Utf8Text.stripped(text));
  }

  /// The text of all tokens but timestamps; other special tokens are spelled out.
  String text(List<Integer> tokens) {
    return withTimestamps(tokens.stream().filter(id -> !specials.timestamp(id)).toList());
  }

  /// The text with special tokens and timestamps spelled out.
  String withTimestamps(List<Integer> tokens) {
    StringBuilder text = new StringBuilder();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : tokens) {
      if (specials.timestamp(id)) {
        text.append(Utf8Text.of(bytes.toByteArray())).append(specials.text(id));
        bytes.reset();
      } else if (id >= specials.end()) {
        bytes.writeBytes(specials.text(id).getBytes(UTF_8));
      } else {
        bytes.writeBytes(words.bytes(id));
      }
    }
    return text.append(Utf8Text.of(bytes.toByteArray())).toString();
  }

  /// A word of a transcript.
  ///
  /// @param text with what stands before it, such as a space
  record Word(String text, List<Integer> tokens) {
    Word {
      tokens = List.copyOf(tokens);
    }
  }

  /// Tokens as words: at spaces, or where a language has none, at every whole character.
  List<Word> words(List<Integer> tokens, String language) {
    List<Word> pieces = characters(tokens);
    if (!Languages.spaced(language)) {
      return pieces;
    }
    List<Word> joined = new ArrayList<>();
    for (Word piece : pieces) {
      boolean special = piece.tokens().getFirst() >= specials.end();
      boolean punctuation = PUNCTUATION.contains(Utf8Text.stripped(piece.text()));
      if (special || piece.text().startsWith(" ") || punctuation || joined.isEmpty()) {
        joined.add(piece);
      } else {
        Word last = joined.removeLast();
        List<Integer> both = new ArrayList<>(last.tokens());
        both.addAll(piece.tokens());
        joined.add(new Word(last.text() + piece.text(), both));
      }
    }
    return Collections.unmodifiableList(joined);
  }

  /// The fewest tokens that are whole characters together, one after the other.
  private List<Word> characters(List<Integer> tokens) {
    String whole = withTimestamps(tokens);
    List<Word> pieces = new ArrayList<>();
    List<Integer> open = new ArrayList<>();
    int offset = 0;
    for (int id : tokens) {
      open.add(id);
      String text = withTimestamps(open);
      int broken = text.indexOf(Utf8Text.REPLACEMENT);
      int place = offset + broken;
      // A character that is broken in the whole text, too, will not become whole any more.
      if (broken < 0 || (place < whole.length() && whole.charAt(place) == Utf8Text.REPLACEMENT)) {
        pieces.add(new Word(text, open));
        open = new ArrayList<>();
        offset += text.length();
      }
    }
    return pieces;
  }
}
