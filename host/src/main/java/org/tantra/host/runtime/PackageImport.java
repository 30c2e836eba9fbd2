package org.tantra.host.runtime;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A package that a jar uses of others, by its `Import-Package` header, which build tools derive
/// from the classes.
///
/// @param range OSGi versions such as `[1.0,2)`, or `1.0` for that and later
/// @param optional whether the plugin runs without it
public record PackageImport(String name, String range, boolean optional) {
  private static final Pattern INTERVAL = Pattern.compile("([\\[(])([^,]+),([^,]+)([\\])])");
  private static final Pattern NUMBERS =
      Pattern.compile("(\\d{1,9})(?:\\.(\\d{1,9})(?:\\.(\\d{1,9})(?:\\..*)?)?)?");

  /// @throws IllegalArgumentException if the range makes no sense
  public PackageImport {
    requireNumbers(range);
  }

  static List<PackageImport> parse(String header) {
    return ManifestHeader.parse(header).stream()
        .flatMap(
            clause ->
                clause.names().stream()
                    .map(
                        name ->
                            new PackageImport(
                                name,
                                clause.parameters().getOrDefault("version", "0"),
                                "optional".equals(clause.parameters().get("resolution:")))))
        .toList();
  }

  /// Whether a package exported with this version will do.
  boolean admits(String version) {
    SemanticVersion candidate = numbers(version);
    Matcher interval = INTERVAL.matcher(range.replace(" ", ""));
    if (!interval.matches()) {
      return candidate.compareTo(numbers(range)) >= 0;
    }
    int toLow = candidate.compareTo(numbers(interval.group(2)));
    int toHigh = candidate.compareTo(numbers(interval.group(3)));
    boolean aboveLow = interval.group(1).equals("[") ? toLow >= 0 : toLow > 0;
    boolean belowHigh = interval.group(4).equals("]") ? toHigh <= 0 : toHigh < 0;
    return aboveLow && belowHigh;
  }

  private static void requireNumbers(String range) {
    Matcher interval = INTERVAL.matcher(range.replace(" ", ""));
    if (interval.matches()) {
      numbers(interval.group(2));
      numbers(interval.group(3));
    } else {
      numbers(range);
    }
  }

  /// OSGi versions may stop early, `1.0`, and may have a qualifier, which does not count here.
  ///
  /// @throws IllegalArgumentException if the text is no OSGi version
  static SemanticVersion numbers(String version) {
    Matcher matcher = NUMBERS.matcher(version.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + version + "' is not an OSGi version");
    }
    return new SemanticVersion(number(matcher, 1), number(matcher, 2), number(matcher, 3), "", "");
  }

  private static int number(Matcher matcher, int group) {
    String digits = matcher.group(group);
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  /// As in messages: `org.tantra.api [1.0,2)`.
  @Override
  public String toString() {
    return name + " " + range;
  }
}
