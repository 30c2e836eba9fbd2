package org.tantra.api;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A read-only tree of configuration values: a YAML or JSON object that knows where it came from.
///
/// Values are strings, booleans, integers (`Integer`, `Long`), other numbers (`Double`,
/// `BigInteger`, `BigDecimal`), lists and maps with string keys. A null value counts as absent.
/// Immutable, except that it trusts the maker not to change nested lists afterwards.
public final class Settings {
  private final String origin;
  private final String path;
  private final Map<String, Object> values;

  private Settings(String origin, String path, Map<String, Object> values) {
    this.origin = origin;
    this.path = path;
    this.values = values;
  }

  /// @param origin what messages call the source, such as `Config/gpt2.yaml`
  /// @param values keys and values as above; nulls are dropped
  public static Settings of(String origin, Map<String, ?> values) {
    return new Settings(requireNonNull(origin, "origin"), "", withoutNulls(values));
  }

  /// Nothing set.
  public static Settings empty(String origin) {
    return of(origin, Map.of());
  }

  private static Map<String, Object> withoutNulls(Map<String, ?> values) {
    Map<String, Object> present = new LinkedHashMap<>();
    values.forEach(
        (key, value) -> {
          if (value != null) {
            present.put(key, value);
          }
        });
    return Collections.unmodifiableMap(present);
  }

  /// Where these values came from.
  public String origin() {
    return origin;
  }

  public Set<String> keys() {
    return values.keySet();
  }

  public boolean has(String key) {
    return values.containsKey(key);
  }

  /// The raw values.
  public Map<String, Object> asMap() {
    return values;
  }

  /// @throws TantraException `INVALID` if the key is missing or its value is no 32-bit integer
  public int integer(String key) {
    return toInt(key, required(key));
  }

  public int integer(String key, int otherwise) {
    Object value = values.get(key);
    return value == null ? otherwise : toInt(key, value);
  }

  /// @throws TantraException `INVALID` if the key is missing or its value is no number
  public double number(String key) {
    return toDouble(key, required(key));
  }

  public double number(String key, double otherwise) {
    Object value = values.get(key);
    return value == null ? otherwise : toDouble(key, value);
  }

  /// @throws TantraException `INVALID` if the value is there but is not true or false
  public boolean flag(String key, boolean otherwise) {
    Object value = values.get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(key, "true or false", value);
  }

  /// @throws TantraException `INVALID` if the key is missing or its value is no text
  public String text(String key) {
    return toText(key, required(key));
  }

  public String text(String key, String otherwise) {
    Object value = values.get(key);
    return value == null ? otherwise : toText(key, value);
  }

  /// A nested object; empty if the key is missing.
  ///
  /// @throws TantraException `INVALID` if the value is there but is no object
  public Settings section(String key) {
    Object value = values.get(key);
    if (value == null) {
      return new Settings(origin, at(key), Map.of());
    }
    return toSection(key, value);
  }

  /// A list of values of any kind; empty if the key is missing.
  ///
  /// @throws TantraException `INVALID` if the value is there but is no list
  public List<Object> list(String key) {
    Object value = values.get(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return Collections.unmodifiableList(new ArrayList<>(list));
    }
    throw wrong(key, "a list", value);
  }

  /// A list of texts; empty if the key is missing.
  ///
  /// @throws TantraException `INVALID` if the value is there but is no list of texts
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (Object item : list(key)) {
      texts.add(toText(key, item));
    }
    return texts;
  }

  /// A list of integers; empty if the key is missing.
  ///
  /// @throws TantraException `INVALID` if the value is there but is no list of 32-bit integers
  public List<Integer> integers(String key) {
    List<Integer> integers = new ArrayList<>();
    for (Object item : list(key)) {
      integers.add(toInt(key, item));
    }
    return integers;
  }

  private Object required(String key) {
    Object value = values.get(key);
    if (value == null) {
      throw new TantraException(
              ErrorKind.INVALID, origin + " has no '" + at(key) + "', which is needed.")
          .about(at(key));
    }
    return value;
  }

  private Settings toSection(String key, Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> nested = new LinkedHashMap<>();
      map.forEach((name, item) -> nested.put(String.valueOf(name), item));
      return new Settings(origin, at(key), withoutNulls(nested));
    }
    throw wrong(key, "an object", value);
  }

  private int toInt(String key, Object value) {
    if (value instanceof Integer integer) {
      return integer;
    }
    if (value instanceof Number number
        && number.doubleValue() == Math.rint(number.doubleValue())
        && Math.abs(number.doubleValue()) <= Integer.MAX_VALUE) {
      return number.intValue();
    }
    throw wrong(key, "an integer", value);
  }

  private double toDouble(String key, Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw wrong(key, "a number", value);
  }

  private String toText(String key, Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw wrong(key, "a text", value);
  }

  private String at(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private TantraException wrong(String key, String expected, Object value) {
    return new TantraException(
            ErrorKind.INVALID,
            origin + ": '" + at(key) + "' is " + shown(value) + "; it must be " + expected + ".")
        .about(at(key));
  }

  private static String shown(Object value) {
    String text = value instanceof String ? "'" + value + "'" : String.valueOf(value);
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }

  /// Equal origin, place and values.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Settings settings
        && origin.equals(settings.origin)
        && path.equals(settings.path)
        && values.equals(settings.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return origin + (path.isEmpty() ? "" : " " + path) + " " + values;
  }
}
