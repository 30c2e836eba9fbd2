package org.tantra.plugin.coqui;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a text is written out before its characters are looked up, by the name in `config.json`.
enum TextCleaner {
  /// English in lower case: times, numbers, abbreviations and symbols become words and commas.
  ENGLISH("english_cleaners"),
  /// As English, but capitals stay and times do not count as such.
  PHONEME("phoneme_cleaners"),
  /// Lower case; other symbols become commas and spaces.
  MULTILINGUAL("multilingual_cleaners"),
  /// Lower case.
  BASIC("basic_cleaners transliteration_cleaners basic_german_cleaners"),
  /// Line breaks are taken out.
  NONE("no_cleaners");

  private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS | Pattern.CASE_INSENSITIVE;

  private record Abbreviation(Pattern pattern, String meaning) {}

  private static final List<Abbreviation> ABBREVIATIONS =
      Arrays.stream(
              new String[][] {
                {"mrs", "misess"},
                {"mr", "mister"},
                {"dr", "doctor"},
                {"st", "saint"},
                {"co", "company"},
                {"jr", "junior"},
                {"maj", "major"},
                {"gen", "general"},
                {"drs", "doctors"},
                {"rev", "reverend"},
                {"lt", "lieutenant"},
                {"hon", "honorable"},
                {"sgt", "sergeant"},
                {"capt", "captain"},
                {"esq", "esquire"},
                {"ltd", "limited"},
                {"col", "colonel"},
                {"ft", "fort"}
              })
          .map(
              entry -> new Abbreviation(Pattern.compile("\\b" + entry[0] + "\\.", FLAGS), entry[1]))
          .toList();

  private static final Pattern BRACKETS = Pattern.compile("[<>()\\[\\]\"]+");
  private static final Pattern SPACES = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

  private final String names;

  /// @param names what configurations call it, with spaces between
  TextCleaner(String names) {
    this.names = names;
  }

  private List<String> names() {
    return List.of(names.split(" "));
  }

  /// The cleaner of this name; nothing if there is none here.
  static Optional<TextCleaner> named(String name) {
    return Arrays.stream(values()).filter(cleaner -> cleaner.names().contains(name)).findFirst();
  }

  static List<String> allNames() {
    return Arrays.stream(values()).flatMap(cleaner -> cleaner.names().stream()).toList();
  }

  String clean(String text) {
    if (this == NONE) {
      return text.replace("\n", "");
    }
    String cleaned = Normalizer.normalize(text, Normalizer.Form.NFC);
    if (this != PHONEME) {
      cleaned = cleaned.toLowerCase(Locale.ROOT);
    }
    if (this == ENGLISH) {
      cleaned = EnglishNumbers.expandTimes(cleaned);
    }
    if (this == ENGLISH || this == PHONEME) {
      cleaned = spellOut(EnglishNumbers.expand(cleaned));
    }
    if (this != BASIC) {
      cleaned = cleaned.replace(';', ',').replace('-', ' ').replace(':', ',');
      cleaned = this == MULTILINGUAL ? cleaned : cleaned.replace("&", " and ");
      cleaned = BRACKETS.matcher(cleaned).replaceAll("");
    }
    return SPACES.matcher(cleaned).replaceAll(" ").strip();
  }

  private static String spellOut(String text) {
    String spelt = text;
    for (Abbreviation abbreviation : ABBREVIATIONS) {
      spelt =
          abbreviation
              .pattern
              .matcher(spelt)
              .replaceAll(Matcher.quoteReplacement(abbreviation.meaning));
    }
    return spelt;
  }
}
