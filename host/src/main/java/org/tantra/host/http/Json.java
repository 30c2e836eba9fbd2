package org.tantra.host.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Reads and writes JSON.
final class Json {
  /// Deeper documents are refused; no schema of a tool comes near it.
  private static final int MAXIMUM_DEPTH = 128;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAXIMUM_DEPTH)
                          .maxStringLength(Integer.MAX_VALUE) // the body limit bounds it
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Json() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /// Maps, lists, texts and numbers as JSON.
  static ObjectNode of(Map<String, Object> document) {
    return MAPPER.valueToTree(document);
  }

  /// One line of JSON.
  static String line(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The object that a request body holds.
  ///
  /// @throws TantraException `INVALID` with line and column if the body is not JSON
  static ObjectNode parse(byte[] body) {
    JsonNode node;
    try {
      node = MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      throw notJson(place(e.getLocation()) + ": " + plain(e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw notJson(": " + e.getMessage(), e);
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new TantraException(
        ErrorKind.INVALID,
        node.isMissingNode()
            ? "The request has no body; send a JSON object."
            : "The request body is " + kind(node) + "; send a JSON object.");
  }

  /// What a node is, as a message says it: `text "hot"`, `an array`.
  static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "an array";
      case OBJECT, POJO -> "an object";
      case STRING -> "the text " + excerpt(line(node));
      case NUMBER -> "the number " + excerpt(line(node));
      case BOOLEAN -> node.asText();
      case NULL -> "null";
      case BINARY, MISSING -> "nothing";
    };
  }

  /// UTF-8; half a surrogate pair becomes `?`, where Jackson's own byte writer would refuse it.
  static byte[] bytes(JsonNode node) {
    return line(node).getBytes(StandardCharsets.UTF_8);
  }

  /// The beginning of a text, for messages.
  static String excerpt(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  /// Nothing for a document that goes beyond a limit: it is refused as a whole.
  private static String place(@Nullable JsonLocation location) {
    return location == null
        ? ""
        : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
  }

  /// A message of the parser without the names of its own classes and options.
  private static String plain(String message) {
    return message.replaceAll(", from `[^`]*`", "").replaceAll("\\[Source: [^;]*; ([^]]*)]", "$1");
  }

  private static TantraException notJson(String what, Exception cause) {
    return new TantraException(
        ErrorKind.INVALID, "The request body is not valid JSON" + what + ".", cause);
  }
}
