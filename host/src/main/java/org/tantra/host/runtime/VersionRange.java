package org.tantra.host.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which versions of something a plugin was built for, such as `>=1.0.0 & <2.0.0`.
///
/// Bounds joined by `&`, each an operator and a whole version; `*` is every version. A part of
/// PF4J's grammar, so a foreign PF4J host reads it alike.
///
/// @param text as the manifest says it
public record VersionRange(String text, List<Bound> bounds) {
  private static final Pattern BOUND = Pattern.compile("(>=|<=|>|<|=)\\s*(\\S+)");

  /// One side of a range.
  ///
  /// @param operator `>=`, `>`, `<=`, `<` or `=`
  public record Bound(String operator, SemanticVersion version) {
    boolean admits(SemanticVersion candidate) {
      int order = candidate.compareTo(version);
      return switch (operator) {
        case ">=" -> order >= 0;
        case ">" -> order > 0;
        case "<=" -> order <= 0;
        case "<" -> order < 0;
        default -> order == 0;
      };
    }
  }

  public VersionRange {
    bounds = List.copyOf(bounds);
  }

  /// @throws IllegalArgumentException if the text is not a range; the message is half a sentence
  public static VersionRange parse(String text) {
    List<Bound> bounds = new ArrayList<>();
    if (!text.strip().equals("*")) {
      for (String part : text.split("&", -1)) {
        Matcher matcher = BOUND.matcher(part.strip());
        if (!matcher.matches()) {
          throw new IllegalArgumentException(
              "'" + text + "' is not a version range such as >=1.0.0 & <2.0.0");
        }
        bounds.add(new Bound(matcher.group(1), SemanticVersion.parse(matcher.group(2))));
      }
    }
    return new VersionRange(text.strip(), bounds);
  }

  public boolean admits(SemanticVersion candidate) {
    return bounds.stream().allMatch(bound -> bound.admits(candidate));
  }

  @Override
  public String toString() {
    return text;
  }
}
