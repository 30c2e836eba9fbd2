package org.tantra.nn.text;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes values as [org.tantra.api.Settings] holds them as JSON. Everything outside ASCII stays as
/// it is, but halves of surrogate pairs are escaped, so that a reader can refuse them.
final class JsonText {
  private final StringBuilder out = new StringBuilder();

  private JsonText() {}

  /// @throws IllegalArgumentException if there is a value that JSON does not have
  static String of(Map<String, ?> values) {
    JsonText text = new JsonText();
    text.value(values);
    return text.out.toString();
  }

  private void value(@Nullable Object value) {
    switch (value) {
      case null -> out.append("null");
      case String text -> quote(text);
      case Map<?, ?> map -> object(map);
      case List<?> list -> array(list);
      case Boolean flag -> out.append(flag.booleanValue());
      case Double number when !Double.isFinite(number) ->
          throw new IllegalArgumentException(number + " is no number of JSON");
      case Number number -> out.append(number);
      default -> throw new IllegalArgumentException("JSON has no " + value.getClass().getName());
    }
  }

  private void object(Map<?, ?> map) {
    out.append('{');
    boolean first = true;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!first) {
        out.append(',');
      }
      first = false;
      quote(String.valueOf(entry.getKey()));
      out.append(':');
      value(entry.getValue());
    }
    out.append('}');
  }

  private void array(List<?> list) {
    out.append('[');
    for (int i = 0; i < list.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      value(list.get(i));
    }
    out.append(']');
  }

  private void quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || (Character.isSurrogate(c) && !paired(text, i))) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  private static boolean paired(String text, int at) {
    return Character.isHighSurrogate(text.charAt(at))
        ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
        : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
  }
}
