package org.tantra.host.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Finds the route of a method and a path.
///
/// Lenient where base URLs differ: doubled and trailing slashes do not matter, and HEAD is GET
/// without a body. A place holder takes as much as it can, slashes included, because model ids have
/// them and clients send them raw or encoded.
final class Router {
  /// Who may call a route.
  enum Access {
    /// Everybody, keys or not.
    OPEN,
    /// Who has a key, if keys are configured.
    CALLER,
    /// Who has a key; without configured keys, who is on this machine.
    OPERATOR
  }

  /// Answers a request.
  @FunctionalInterface
  interface Handler {
    /// @param argument what stands at the place holder; empty if the route has none
    void handle(Exchange exchange, String argument);
  }

  /// @param name the pattern, as metrics call the route
  /// @param prefix what the path begins with
  /// @param suffix what it ends with after the place holder; null if there is no place holder
  private record Route(
      String method,
      String name,
      String prefix,
      @Nullable String suffix,
      Access access,
      Handler handler) {
    /// What stands at the place holder, not decoded; null if the path is another one.
    @Nullable String match(String path) {
      if (suffix == null) {
        return path.equals(prefix) ? "" : null;
      }
      boolean matches =
          path.length() > prefix.length() + suffix.length()
              && path.startsWith(prefix)
              && path.endsWith(suffix);
      return matches ? path.substring(prefix.length(), path.length() - suffix.length()) : null;
    }
  }

  /// A route and what stands at its place holder.
  record Match(String name, Access access, Handler handler, String argument) {}

  private final List<Route> routes = new ArrayList<>();

  /// Adds a route.
  ///
  /// @param pattern path with at most one place holder: `/v1/models/{id}`
  Router add(String method, String pattern, Access access, Handler handler) {
    int open = pattern.indexOf('{');
    int shut = pattern.indexOf('}');
    routes.add(
        open < 0
            ? new Route(method, pattern, pattern, null, access, handler)
            : new Route(
                method,
                pattern,
                pattern.substring(0, open),
                pattern.substring(shut + 1),
                access,
                handler));
    return this;
  }

  /// Adds a route of OpenAI's, which clients call with or without `/v1`.
  Router openAi(String method, String pattern, Handler handler) {
    add(method, "/v1" + pattern, Access.CALLER, handler);
    return add(method, pattern, Access.CALLER, handler);
  }

  /// The names of all routes, as `GET /v1/models`, in the order they were added.
  List<String> names() {
    return routes.stream().map(route -> route.method() + " " + route.name()).toList();
  }

  /// The methods of a path; empty if there is no such path.
  Set<String> methods(String rawPath) {
    String path = tidy(rawPath);
    Set<String> methods = new LinkedHashSet<>();
    for (Route route : routes) {
      if (route.match(path) != null) {
        methods.add(route.method());
        if (route.method().equals("GET")) {
          methods.add("HEAD");
        }
      }
    }
    if (!methods.isEmpty()) {
      methods.add("OPTIONS");
    }
    return methods;
  }

  /// @throws TantraException `NOT_FOUND` (code `unknown_url`) or `INVALID` (code
  ///   `method_not_allowed`)
  Match find(String method, String rawPath) {
    String path = tidy(rawPath);
    String wanted = method.equals("HEAD") ? "GET" : method;
    for (Route route : routes) {
      String argument = route.method().equals(wanted) ? route.match(path) : null;
      if (argument != null) {
        return new Match(route.name(), route.access(), route.handler(), decode(argument));
      }
    }
    Set<String> methods = methods(rawPath);
    if (methods.isEmpty()) {
      throw new TantraException(
              ErrorKind.NOT_FOUND,
              "There is no route " + method + " " + path + ". GET / lists the routes.")
          .withCode("unknown_url");
    }
    throw new TantraException(
            ErrorKind.INVALID,
            path + " does not take " + method + ", but " + String.join(", ", methods) + ".")
        .withCode("method_not_allowed");
  }

  private static String tidy(String rawPath) {
    String path = rawPath.replaceAll("/{2,}", "/");
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private static String decode(String raw) {
    try {
      return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new TantraException(
          ErrorKind.INVALID, "The path holds a broken percent code: '" + raw + "'.", e);
    }
  }
}
