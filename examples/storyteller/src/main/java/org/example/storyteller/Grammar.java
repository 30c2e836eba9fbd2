package org.example.storyteller;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;

/// Rules for stories, and the words they are made of. A symbol that begins with `$` is a rule; any
/// other is a word or a mark. Token ids are places in the sorted list of words; 0 is every word
/// that the grammar does not have.
final class Grammar {
  static final int UNKNOWN = 0;

  private static final Map<String, List<String>> RULES =
      Map.ofEntries(
          entry("$opening", List.of("Once upon a time there was $hero who lived $place .")),
          entry(
              "$more",
              List.of(
                  "One $time , $visitor came by and asked for $thing .",
                  "They walked on together until they stood $place .",
                  "There $visitor found $thing , and nobody could say whose it was .",
                  "It was a quiet $time , and the wind told of $thing .",
                  "Then $visitor gave away $thing and went on alone .",
                  "Far away , $place , $visitor was waiting .")),
          entry("$hero", List.of("a miller", "a young fox", "an old sailor", "a clockmaker")),
          entry("$visitor", List.of("a stranger", "the baker", "a grey goose", "the king")),
          entry("$time", List.of("morning", "evening", "winter night", "day in spring")),
          entry("$place", List.of("by the sea", "behind the hills", "at the edge of the forest")),
          entry("$thing", List.of("a silver key", "a loaf of bread", "a map", "a small lamp")));

  private final List<String> words =
      RULES.values().stream()
          .flatMap(List::stream)
          .flatMap(alternative -> symbols(alternative).stream())
          .filter(symbol -> !isRule(symbol))
          .distinct()
          .sorted()
          .toList();

  static boolean isRule(String symbol) {
    return symbol.startsWith("$");
  }

  static List<String> symbols(String alternative) {
    return List.of(alternative.split(" "));
  }

  List<String> alternatives(String rule) {
    return RULES.get(rule);
  }

  int vocab() {
    return words.size() + 1;
  }

  int id(String word) {
    return words.indexOf(word) + 1;
  }

  /// How a word is written: a space before it, except at the beginning of a sentence.
  String text(String word) {
    return switch (word) {
      case "." -> ". ";
      case "," -> ",";
      default -> Character.isUpperCase(word.charAt(0)) ? word : " " + word;
    };
  }

  /// Bytes of the list and its words, roughly as the JVM lays them out.
  long bytes() {
    return words.size() * 60L;
  }
}
