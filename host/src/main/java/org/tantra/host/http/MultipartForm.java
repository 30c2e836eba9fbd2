package org.tantra.host.http;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// A `multipart/form-data` body, taken apart in place: parts are slices of it.
///
/// Lenient as browsers and clients need it: names may be quoted or not, `name[]` is `name`, headers
/// other than the disposition are ignored.
///
/// @see <a href="https://www.rfc-editor.org/rfc/rfc7578">RFC 7578</a>
final class MultipartForm {
  private static final Pattern BOUNDARY =
      Pattern.compile("boundary=(?:\"([^\"]{1,70})\"|([^;\\s\"]{1,70}))", Pattern.CASE_INSENSITIVE);
  private static final Pattern NAME =
      Pattern.compile("[;\\s]name=(?:\"([^\"]*)\"|([^;\\s\"]+))", Pattern.CASE_INSENSITIVE);
  private static final int MAXIMUM_PARTS = 1000;
  private static final int MAXIMUM_HEAD = 1 << 14;

  private record Part(String name, int from, int until) {}

  private final byte[] body;
  private final List<Part> parts = new ArrayList<>();

  private MultipartForm(byte[] body) {
    this.body = body;
  }

  /// @param contentType the request's, with the boundary
  /// @throws TantraException `INVALID` if the body does not hold together
  static MultipartForm parse(String contentType, byte[] body) {
    Matcher named = BOUNDARY.matcher(contentType);
    if (!contentType.toLowerCase(Locale.ROOT).startsWith("multipart/form-data") || !named.find()) {
      throw new TantraException(
              ErrorKind.INVALID,
              "The request body is '%s'; this route reads a form with a file. Send 'multipart/form-data' with its boundary, for example with curl -F file=@speech.wav."
                  .formatted(contentType))
          .withCode("unsupported_media_type");
    }
    String boundary = named.group(1) != null ? named.group(1) : named.group(2);
    MultipartForm form = new MultipartForm(body);
    form.split(("--" + boundary).getBytes(StandardCharsets.ISO_8859_1));
    return form;
  }

  private void split(byte[] delimiter) {
    int at = find(delimiter, 0);
    while (at >= 0) {
      int after = at + delimiter.length;
      if (after + 1 < body.length && body[after] == '-' && body[after + 1] == '-') {
        return;
      }
      int head = lineEnd(after);
      int next = head < 0 ? -1 : find(delimiter, head);
      if (next < 0) {
        break;
      }
      part(head, next);
      at = next;
    }
    throw invalid("it ends before its last boundary");
  }

  /// Reads a part's headers.
  ///
  /// @param end where the next delimiter begins; a line break before it belongs to the delimiter
  private void part(int from, int end) {
    String name = null;
    int at = from;
    while (true) {
      int next = lineEnd(at);
      if (next < 0 || next > end || next - from > MAXIMUM_HEAD) {
        throw invalid("a part has no end of its headers");
      }
      String line = new String(body, at, next - at, StandardCharsets.UTF_8).strip();
      at = next;
      if (line.isEmpty()) {
        break;
      }
      Matcher found = NAME.matcher(line);
      if (line.regionMatches(true, 0, "Content-Disposition:", 0, 20) && found.find()) {
        String raw = found.group(1) != null ? found.group(1) : found.group(2);
        name = raw.endsWith("[]") ? raw.substring(0, raw.length() - 2) : raw;
      }
    }
    int until = end;
    if (until > at && body[until - 1] == '\n') {
      until -= until - 1 > at && body[until - 2] == '\r' ? 2 : 1;
    }
    if (name == null || parts.size() == MAXIMUM_PARTS) {
      throw invalid(name == null ? "a part has no name" : "it has too many parts");
    }
    parts.add(new Part(name, at, until));
  }

  private int lineEnd(int from) {
    for (int i = from; i < body.length; i++) {
      if (body[i] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  private int find(byte[] delimiter, int from) {
    for (int i = from; i <= body.length - delimiter.length; i++) {
      int same = 0;
      while (same < delimiter.length && body[i + same] == delimiter[same]) {
        same++;
      }
      if (same == delimiter.length && (i == 0 || body[i - 1] == '\n')) {
        return i;
      }
    }
    return -1;
  }

  private static TantraException invalid(String what) {
    return new TantraException(ErrorKind.INVALID, "The form is damaged: " + what + ".");
  }

  /// The bytes of a part, as sent.
  ///
  /// @throws TantraException `INVALID` if there is no such part
  MemorySegment file(String name) {
    for (Part part : parts) {
      if (part.name().equals(name)) {
        return MemorySegment.ofArray(body)
            .asSlice(part.from(), part.until() - part.from())
            .asReadOnly();
      }
    }
    throw new TantraException(ErrorKind.INVALID, "'" + name + "' is missing; send it as a file.")
        .about(name)
        .withCode("missing_required_parameter");
  }

  /// The value of a field; null if it is absent or empty.
  @Nullable String text(String name) {
    List<String> all = texts(name);
    return all.isEmpty() || all.getFirst().isBlank() ? null : all.getFirst();
  }

  /// The values of a field that may be repeated.
  List<String> texts(String name) {
    return parts.stream()
        .filter(part -> part.name().equals(name))
        .map(
            part ->
                new String(body, part.from(), part.until() - part.from(), StandardCharsets.UTF_8))
        .toList();
  }

  boolean flag(String name) {
    String text = text(name);
    return switch (text == null ? "false" : text.strip().toLowerCase(Locale.ROOT)) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw wrong(name, "true or false");
    };
  }

  @Nullable Double number(String name) {
    String text = text(name);
    try {
      return text == null ? null : (Double) Double.parseDouble(text.strip());
    } catch (NumberFormatException _) {
      throw wrong(name, "a number");
    }
  }

  TantraException wrong(String name, String expected) {
    return new TantraException(
            ErrorKind.INVALID,
            "'%s' is '%s'; %s is expected."
                .formatted(name, Json.excerpt(String.valueOf(text(name))), expected))
        .about(name)
        .withCode("invalid_value");
  }
}
