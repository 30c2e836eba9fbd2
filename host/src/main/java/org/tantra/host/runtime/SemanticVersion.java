package org.tantra.host.runtime;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A version by the rules of semantic versioning, such as `1.4.0` or `2.0.0-rc.1`.
///
/// Ordered by precedence: build metadata does not count, a pre-release comes before its release.
///
/// @param preRelease dot-separated identifiers after `-`; empty for a release
/// @param build what follows `+`; often empty
/// @see <a href="https://semver.org/spec/v2.0.0.html">Semantic Versioning 2.0.0</a>
public record SemanticVersion(int major, int minor, int patch, String preRelease, String build)
    implements Comparable<SemanticVersion> {
  private static final String NUMBER = "(0|[1-9][0-9]{0,8})";
  private static final Pattern FORM =
      Pattern.compile(
          NUMBER
              + "\\."
              + NUMBER
              + "\\."
              + NUMBER
              + "(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?"
              + "(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?");
  private static final Pattern DIGITS = Pattern.compile("[0-9]+");

  /// @throws IllegalArgumentException if the text is not a whole semantic version; the message is
  ///   half a sentence
  public static SemanticVersion parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a semantic version such as 1.4.0 or 2.0.0-rc.1");
    }
    return new SemanticVersion(
        Integer.parseInt(matcher.group(1)),
        Integer.parseInt(matcher.group(2)),
        Integer.parseInt(matcher.group(3)),
        orEmpty(matcher, 4),
        orEmpty(matcher, 5));
  }

  private static String orEmpty(Matcher matcher, int group) {
    String text = matcher.group(group);
    return text == null ? "" : text;
  }

  @Override
  public int compareTo(SemanticVersion other) {
    int byMajor = Integer.compare(major, other.major);
    if (byMajor != 0) {
      return byMajor;
    }
    int byMinor = Integer.compare(minor, other.minor);
    if (byMinor != 0) {
      return byMinor;
    }
    int byPatch = Integer.compare(patch, other.patch);
    return byPatch != 0 ? byPatch : comparePreReleases(preRelease, other.preRelease);
  }

  private static int comparePreReleases(String left, String right) {
    if (left.isEmpty() || right.isEmpty()) {
      return Boolean.compare(left.isEmpty(), right.isEmpty());
    }
    String[] lefts = left.split("\\.", -1);
    String[] rights = right.split("\\.", -1);
    for (int i = 0; i < Math.min(lefts.length, rights.length); i++) {
      int order = compareIdentifiers(lefts[i], rights[i]);
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(lefts.length, rights.length);
  }

  /// Numbers by value and before words, words by character.
  private static int compareIdentifiers(String left, String right) {
    boolean leftNumber = DIGITS.matcher(left).matches();
    boolean rightNumber = DIGITS.matcher(right).matches();
    if (leftNumber != rightNumber) {
      return leftNumber ? -1 : 1;
    }
    if (leftNumber && left.length() != right.length()) {
      return Integer.compare(left.length(), right.length());
    }
    return left.compareTo(right);
  }

  @Override
  public String toString() {
    return major
        + "."
        + minor
        + "."
        + patch
        + (preRelease.isEmpty() ? "" : "-" + preRelease)
        + (build.isEmpty() ? "" : "+" + build);
  }
}
