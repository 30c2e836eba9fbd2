package org.tantra.host.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Reads one object of a YAML file key by key and collects what is wrong, so that all problems are
/// told at once.
///
/// Asking for a key makes it known; [#rejectUnknown()] reports the others with the nearest known
/// name.
final class Keys {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,7})\\s*(ms|s|m|h)");
  private static final Pattern BYTES = Pattern.compile("(\\d+)\\s*(B|KiB|MiB|GiB)?");

  private final YamlFile file;
  private final String path;
  private final Map<String, Object> values;
  private final TreeSet<String> known = new TreeSet<>();
  private final List<String> problems;

  private Keys(YamlFile file, String path, Map<String, Object> values, List<String> problems) {
    this.file = file;
    this.path = path;
    this.values = values;
    this.problems = problems;
  }

  static Keys of(YamlFile file) {
    return new Keys(file, "", file.values(), new ArrayList<>());
  }

  /// A nested object; empty if the key is missing or wrong.
  Keys section(String key) {
    Object value = get(key);
    Map<String, Object> nested = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((name, item) -> nested.put(String.valueOf(name), item));
    } else if (value != null) {
      wrong(key, "must be a group of 'key: value' lines");
    }
    return new Keys(file, at(key), nested, problems);
  }

  int integer(String key, int otherwise, int low, int high) {
    return switch (get(key)) {
      case null -> otherwise;
      case Integer value when value >= low && value <= high -> value;
      case Object value -> wrong(key, value + " is outside " + low + ".." + high, otherwise);
    };
  }

  /// A whole number within bounds; null if the key is missing or wrong.
  @Nullable Integer integerOrNull(String key, int low, int high) {
    return switch (get(key)) {
      case null -> null;
      case Integer value when value >= low && value <= high -> value;
      case Number value -> {
        wrong(key, value + " is outside " + low + ".." + high);
        yield null;
      }
      case Object value -> {
        wrong(key, "'" + value + "' must be a whole number");
        yield null;
      }
    };
  }

  /// A number within bounds; null if the key is missing or wrong.
  @Nullable Double numberOrNull(String key, double low, double high) {
    return switch (get(key)) {
      case null -> null;
      case Number value when value.doubleValue() >= low && value.doubleValue() <= high ->
          value.doubleValue();
      case Number value -> {
        wrong(
            key,
            high == Double.MAX_VALUE
                ? value + " is below " + low
                : value + " is outside " + low + ".." + high);
        yield null;
      }
      case Object value -> {
        wrong(key, "'" + value + "' must be a number");
        yield null;
      }
    };
  }

  /// Milliseconds; null if the key is missing or wrong.
  @Nullable Duration millisOrNull(String key) {
    Integer millis = integerOrNull(key, 1, Integer.MAX_VALUE);
    return millis == null ? null : Duration.ofMillis(millis);
  }

  /// True or false; null if the key is missing or wrong.
  @Nullable Boolean flagOrNull(String key) {
    return switch (get(key)) {
      case null -> null;
      case Boolean value -> value;
      case Object value -> {
        wrong(key, "'" + value + "' must be true or false");
        yield null;
      }
    };
  }

  /// One of several words; null if the key is missing or wrong.
  @Nullable String oneOfOrNull(String key, List<String> allowed) {
    String value = textOrNull(key);
    if (value == null || allowed.contains(value)) {
      return value;
    }
    String hint = Nearest.to(value, allowed).map(near -> ", such as '" + near + "'").orElse("");
    wrong(key, "'" + value + "' must be one of " + allowed + hint);
    return null;
  }

  boolean flag(String key, boolean otherwise) {
    return switch (get(key)) {
      case null -> otherwise;
      case Boolean value -> value;
      case Object value -> wrong(key, "'" + value + "' must be true or false", otherwise);
    };
  }

  /// `on-demand`, which is also the default, or `off`, which YAML reads as false.
  boolean onDemand(String key) {
    return switch (get(key)) {
      case null -> true;
      case Boolean value -> value;
      case String value when value.equals("on-demand") -> true;
      case Object value -> wrong(key, "'" + value + "' must be on-demand or off", true);
    };
  }

  /// True or false; null for `auto` or if the key is missing.
  @Nullable Boolean flagOrAuto(String key) {
    return switch (get(key)) {
      case null -> null;
      case Boolean value -> value;
      case String value when value.equals("auto") -> null;
      case Object value -> {
        wrong(key, "'" + value + "' must be true, false or auto");
        yield null;
      }
    };
  }

  String text(String key, String otherwise) {
    String text = textOrNull(key);
    return text == null ? otherwise : text;
  }

  @Nullable String textOrNull(String key) {
    Object value = get(key);
    if (value == null || value instanceof String) {
      return (String) value;
    }
    wrong(key, "'" + value + "' must be text");
    return null;
  }

  String oneOf(String key, String otherwise, List<String> allowed) {
    String value = text(key, otherwise);
    return allowed.contains(value)
        ? value
        : wrong(key, "'" + value + "' must be one of " + allowed, otherwise);
  }

  /// Whether the value is a text.
  boolean isText(String key) {
    return get(key) instanceof String;
  }

  /// A list of texts; null if the key is missing.
  @Nullable List<String> textsOrNull(String key) {
    Object value = get(key);
    if (value == null) {
      return null;
    }
    if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
      return list.stream().map(String.class::cast).toList();
    }
    wrong(key, "must be a list of texts");
    return null;
  }

  /// A map of texts; empty if the key is missing.
  Map<String, String> textMap(String key) {
    Keys nested = section(key);
    Map<String, String> texts = new LinkedHashMap<>();
    for (String name : nested.values.keySet()) {
      String text = nested.textOrNull(name);
      if (text != null) {
        texts.put(name, text);
      }
    }
    return texts;
  }

  /// A time such as `300 ms`, `30 s`, `5 m`.
  Duration duration(String key, Duration otherwise) {
    Object value = get(key);
    if (value == null) {
      return otherwise;
    }
    Matcher matcher = DURATION.matcher(String.valueOf(value));
    if (!matcher.matches()) {
      return wrong(
          key, "'" + value + "' must be a time such as '300 ms', '30 s' or '5 m'", otherwise);
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      default -> Duration.ofHours(amount);
    };
  }

  /// A size such as `512 MiB` or `2 GiB`; null for `auto` or if the key is missing.
  @Nullable Long bytesOrNull(String key) {
    Object value = get(key);
    if (value == null || value.equals("auto")) {
      return null;
    }
    Matcher matcher = BYTES.matcher(String.valueOf(value));
    if (!matcher.matches() || matcher.group(1).length() > 15) {
      wrong(key, "'" + value + "' must be a size such as '512 MiB' or '2 GiB', or 'auto'");
      return null;
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "GiB" -> amount << 30;
      case "MiB" -> amount << 20;
      case "KiB" -> amount << 10;
      case null, default -> amount;
    };
  }

  /// Reports keys that are a slip of a known one; others are kept for whoever knows them.
  void rejectSlips() {
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        Nearest.to(key, known)
            .ifPresent(
                near ->
                    problem(
                        at(key),
                        "unknown key '" + at(key) + "', did you mean '" + at(near) + "'?"));
      }
    }
  }

  /// Reports keys nobody asked for.
  void rejectUnknown() {
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        String hint =
            Nearest.to(key, known).map(near -> ", did you mean '" + at(near) + "'?").orElse("");
        problem(
            at(key),
            "unknown key '"
                + at(key)
                + "'"
                + (hint.isEmpty() ? ". Known here: " + String.join(", ", known) : hint));
      }
    }
  }

  /// A problem found by the caller, at a key of this object.
  void wrong(String key, String what) {
    problem(at(key), at(key) + ": " + what);
  }

  /// @throws TantraException `INVALID` with all problems found in the file, if there are any
  void throwProblems() {
    if (problems.isEmpty()) {
      return;
    }
    String count = problems.size() == 1 ? "1 problem" : problems.size() + " problems";
    throw new TantraException(
        ErrorKind.INVALID, file.name() + " has " + count + ". " + String.join(" ", problems));
  }

  private <T> T wrong(String key, String what, T otherwise) {
    wrong(key, what);
    return otherwise;
  }

  private void problem(String path, String what) {
    String end = what.endsWith("?") ? "" : ".";
    problems.add(
        "Line %d%s%s%s".formatted(file.line(path), unknown(what) ? ": " : ", ", what, end));
  }

  private static boolean unknown(String what) {
    return what.toLowerCase(Locale.ROOT).startsWith("unknown");
  }

  private @Nullable Object get(String key) {
    known.add(key);
    return values.get(key);
  }

  private String at(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
