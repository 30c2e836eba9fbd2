package org.tantra.host.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// The fields of a JSON object, read by name and type. An absent field and a null one are the same;
/// fields that nobody asks for are ignored. A wrong type is `INVALID` and names the field by its
/// path (`messages[2].content`).
final class Fields {
  private final ObjectNode node;
  private final String path;

  private Fields(ObjectNode node, String path) {
    this.node = node;
    this.path = path;
  }

  static Fields of(ObjectNode body) {
    return new Fields(body, "");
  }

  /// The value of a field, whatever it is.
  @Nullable JsonNode value(String name) {
    JsonNode value = node.get(name);
    return value == null || value.isNull() ? null : value;
  }

  @Nullable String text(String name) {
    JsonNode value = value(name);
    if (value == null) {
      return null;
    }
    if (!value.isTextual()) {
      throw wrong(name, "a text");
    }
    return value.textValue();
  }

  String requiredText(String name) {
    String text = text(name);
    if (text == null) {
      throw missing(name);
    }
    return text;
  }

  boolean flag(String name, boolean otherwise) {
    JsonNode value = value(name);
    if (value == null) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw wrong(name, "true or false");
    }
    return value.booleanValue();
  }

  double number(String name, double otherwise) {
    JsonNode value = value(name);
    if (value == null) {
      return otherwise;
    }
    if (!value.isNumber()) {
      throw wrong(name, "a number");
    }
    return value.doubleValue();
  }

  /// A whole number; `16.0` is one.
  @Nullable Long whole(String name) {
    JsonNode value = value(name);
    return value == null ? null : (Long) whole(name, value);
  }

  @Nullable Integer integer(String name) {
    Long whole = whole(name);
    if (whole == null) {
      return null;
    }
    if (whole != whole.intValue()) {
      throw refuse(name, name(name) + " is " + whole + ", far out of range.");
    }
    return whole.intValue();
  }

  int integer(String name, int otherwise, int low, int high) {
    Integer value = integer(name);
    if (value == null) {
      return otherwise;
    }
    if (value < low || value > high) {
      throw refuse(
          name, name(name) + " is " + value + "; it must be between " + low + " and " + high + ".");
    }
    return value;
  }

  @Nullable Fields object(String name) {
    JsonNode value = value(name);
    if (value == null) {
      return null;
    }
    if (!(value instanceof ObjectNode object)) {
      throw wrong(name, "an object");
    }
    return new Fields(object, path + name + ".");
  }

  /// The objects of an array; empty if it is absent.
  List<Fields> objects(String name) {
    JsonNode value = value(name);
    if (value == null) {
      return List.of();
    }
    if (!value.isArray()) {
      throw wrong(name, "an array of objects");
    }
    List<Fields> objects = new ArrayList<>(value.size());
    for (int i = 0; i < value.size(); i++) {
      if (!(value.get(i) instanceof ObjectNode object)) {
        throw wrong(name + "[" + i + "]", value.get(i), "an object");
      }
      objects.add(new Fields(object, path + name + "[" + i + "]."));
    }
    return objects;
  }

  /// A text, or an array of texts; empty if it is absent.
  List<String> texts(String name) {
    JsonNode value = value(name);
    if (value == null) {
      return List.of();
    }
    if (value.isTextual()) {
      return List.of(value.textValue());
    }
    if (!value.isArray()) {
      throw wrong(name, "a text or an array of texts");
    }
    List<String> texts = new ArrayList<>(value.size());
    for (int i = 0; i < value.size(); i++) {
      if (!value.get(i).isTextual()) {
        throw wrong(name + "[" + i + "]", value.get(i), "a text");
      }
      texts.add(value.get(i).textValue());
    }
    return texts;
  }

  /// Names and values of the object itself.
  Iterable<Map.Entry<String, JsonNode>> entries() {
    return node.properties();
  }

  /// A value of this object as a whole number.
  long whole(String name, JsonNode value) {
    if (value.isIntegralNumber() && value.canConvertToLong()) {
      return value.longValue();
    }
    if (value.isNumber()
        && !value.isIntegralNumber()
        && value.doubleValue() == Math.rint(value.doubleValue())
        && Math.abs(value.doubleValue()) <= 1L << 53) {
      return (long) value.doubleValue();
    }
    throw wrong(name, value, "a whole number of 64 bits");
  }

  /// Whether a field holds something: not null, not an empty array or object.
  boolean holds(String name) {
    JsonNode value = value(name);
    return value != null && !(value.isContainerNode() && value.isEmpty());
  }

  TantraException missing(String name) {
    return new TantraException(ErrorKind.INVALID, name(name) + " is missing.")
        .about(path + name)
        .withCode("missing_required_parameter");
  }

  TantraException wrong(String name, String expected) {
    JsonNode value = node.get(name);
    return value == null ? missing(name) : wrong(name, value, expected);
  }

  TantraException wrong(String name, JsonNode value, String expected) {
    return refuse(name, name(name) + " is " + Json.kind(value) + "; " + expected + " is expected.");
  }

  /// A refusal of a field's value.
  TantraException refuse(String name, String message) {
    return new TantraException(ErrorKind.INVALID, message)
        .about(path + name)
        .withCode("invalid_value");
  }

  /// A refusal of something this host cannot do.
  TantraException unsupported(String name, String message) {
    return new TantraException(ErrorKind.UNSUPPORTED, message)
        .about(path + name)
        .withCode("unsupported_parameter");
  }

  /// A field as messages name it.
  String name(String name) {
    return "'" + path + name + "'";
  }
}
