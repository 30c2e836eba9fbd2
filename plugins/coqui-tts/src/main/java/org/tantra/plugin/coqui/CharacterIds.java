package org.tantra.plugin.coqui;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.Settings;
import org.tantra.nn.ConfigFile;

/// Text to the ids of its characters: cleaned, looked up one by one, and those that the voice does
/// not know left out.
///
/// The vocabulary is pad, end, beginning, blank (those that are set), the characters, the
/// punctuation; of equal symbols the last counts.
final class CharacterIds {
  private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final Map<String, String> DEFAULTS =
      Map.of("pad", "<PAD>", "eos", "<EOS>", "bos", "<BOS>", "blank", "<BLNK>");
  private static final String PUNCTUATION = "!'(),-.:;? ";

  private final TextCleaner cleaner;
  private final List<String> vocabulary;
  private final Map<String, Integer> ids = new HashMap<>();
  private final boolean blanks;
  private final boolean edges;
  private final int blank;
  private final int end;
  private final int beginning;

  private CharacterIds(TextCleaner cleaner, Settings characters, boolean blanks, boolean edges) {
    this.cleaner = cleaner;
    this.blanks = blanks;
    this.edges = edges;
    boolean given = !characters.keys().isEmpty();
    List<String> symbols = new ArrayList<>();
    for (String special : new String[] {"pad", "eos", "bos", "blank"}) {
      String symbol = symbol(characters, special);
      if (!symbol.isEmpty()) {
        symbols.add(symbol);
      }
    }
    List<String> letters = each(characters.text("characters", given ? "" : LETTERS));
    if (characters.flag("is_unique", given)) {
      letters = letters.stream().distinct().toList();
    }
    if (characters.flag("is_sorted", true)) {
      letters =
          letters.stream()
              .sorted((a, b) -> Integer.compare(a.codePointAt(0), b.codePointAt(0)))
              .toList();
    }
    symbols.addAll(letters);
    symbols.addAll(each(characters.text("punctuations", given ? "" : PUNCTUATION)));
    this.vocabulary = List.copyOf(symbols);
    for (int id = 0; id < symbols.size(); id++) {
      ids.put(symbols.get(id), id);
    }
    this.blank = special(characters, "blank");
    this.end = special(characters, "eos");
    this.beginning = special(characters, "bos");
  }

  private static String symbol(Settings characters, String special) {
    return characters.text(
        special, characters.keys().isEmpty() ? DEFAULTS.getOrDefault(special, "") : "");
  }

  private int special(Settings characters, String name) {
    // A symbol that is not set counts as the one after the last, as in the reference
    // implementation.
    return ids.getOrDefault(symbol(characters, name), vocabulary.size());
  }

  private static List<String> each(String symbols) {
    return symbols.codePoints().mapToObj(Character::toString).toList();
  }

  /// @param json `config.json`
  /// @param old what an older checkpoint says about its characters itself, nothing set if it does
  ///   not
  static CharacterIds of(Settings json, Settings old) {
    String name = json.text("text_cleaner", "no_cleaners");
    Optional<TextCleaner> cleaner = TextCleaner.named(name);
    return of(
        cleaner.orElseThrow(
            () ->
                ConfigFile.unsupported(
                    "asks for text_cleaner '%s'; there are %s here."
                        .formatted(name, TextCleaner.allNames()))),
        json.has("characters") ? json.section("characters") : old,
        json.flag("add_blank", false),
        json.flag("enable_eos_bos_chars", false));
  }

  /// @param characters nothing set for the letters of the Latin alphabet
  static CharacterIds of(TextCleaner cleaner, Settings characters, boolean blanks, boolean edges) {
    return new CharacterIds(cleaner, characters, blanks, edges);
  }

  List<String> vocabulary() {
    return vocabulary;
  }

  String clean(String text) {
    return cleaner.clean(text);
  }

  /// The ids of a text; none if the voice knows none of its characters.
  int[] of(String text) {
    List<Integer> known = new ArrayList<>();
    for (String symbol : each(clean(text))) {
      Integer id = ids.get(symbol);
      if (id != null) {
        known.add(id);
      }
    }
    if (known.isEmpty()) {
      return new int[0];
    }
    List<Integer> all = new ArrayList<>();
    for (int id : known) {
      if (blanks) {
        all.add(blank);
      }
      all.add(id);
    }
    if (blanks) {
      all.add(blank);
    }
    if (edges) {
      all.addFirst(beginning);
      all.addLast(end);
    }
    return all.stream().mapToInt(Integer::intValue).toArray();
  }
}
