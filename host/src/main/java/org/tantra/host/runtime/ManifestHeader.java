package org.tantra.host.runtime;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads OSGi manifest headers: clauses separated by commas, each some names followed by
/// parameters, where quoted values may hold commas and semicolons.
///
/// `a;b;version="[1,2)";resolution:=optional, c` has two clauses, the first with two names.
final class ManifestHeader {
  /// @param parameters by name; a directive's name ends with `:`
  record Clause(List<String> names, Map<String, String> parameters) {
    Clause {
      names = List.copyOf(names);
      parameters = Map.copyOf(parameters);
    }
  }

  private ManifestHeader() {}

  static List<Clause> parse(String header) {
    List<Clause> clauses = new ArrayList<>();
    for (String clause : split(header, ',')) {
      List<String> names = new ArrayList<>();
      Map<String, String> parameters = new LinkedHashMap<>();
      for (String part : split(clause, ';')) {
        int equals = indexOutsideQuotes(part, '=');
        if (equals < 0) {
          names.add(part.strip());
        } else {
          parameters.put(
              part.substring(0, equals).strip(), unquoted(part.substring(equals + 1).strip()));
        }
      }
      if (!names.isEmpty() && !names.getFirst().isEmpty()) {
        clauses.add(new Clause(names, parameters));
      }
    }
    return clauses;
  }

  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    String rest = text;
    for (int at = indexOutsideQuotes(rest, separator);
        at >= 0;
        at = indexOutsideQuotes(rest, separator)) {
      parts.add(rest.substring(0, at));
      rest = rest.substring(at + 1);
    }
    parts.add(rest);
    return parts;
  }

  private static int indexOutsideQuotes(String text, char wanted) {
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == wanted && !quoted) {
        return i;
      }
    }
    return -1;
  }

  private static String unquoted(String text) {
    return text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")
        ? text.substring(1, text.length() - 1)
        : text;
  }
}
