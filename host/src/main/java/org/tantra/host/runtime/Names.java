package org.tantra.host.runtime;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/// Finds the name that was meant by a misspelt one.
final class Names {
  private Names() {}

  /// Lower case, letters only: what most misspellings leave alone.
  static String folded(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
  }

  /// The candidate with the fewest differing letters; of equals, the first in alphabetical order.
  static String closest(String name, Collection<String> candidates) {
    return candidates.stream()
        .sorted()
        .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
        .orElseThrow();
  }

  /// How many letters must be inserted, removed or replaced to get from one name to the other; case
  /// and other characters do not count.
  ///
  /// @see <a href="https://en.wikipedia.org/wiki/Levenshtein_distance">Levenshtein distance</a>
  static int distance(String leftName, String rightName) {
    String left = folded(leftName);
    String right = folded(rightName);
    int[] above = new int[right.length() + 1];
    for (int j = 0; j <= right.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      int[] row = new int[right.length() + 1];
      row[0] = i;
      for (int j = 1; j <= right.length(); j++) {
        int replace = above[j - 1] + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replace, Math.min(above[j], row[j - 1]) + 1);
      }
      above = row;
    }
    return above[right.length()];
  }
}
