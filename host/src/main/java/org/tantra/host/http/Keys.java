package org.tantra.host.http;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Decides who may call a route, by API keys or, without any, by where the call comes from.
final class Keys {
  private final List<byte[]> digests;

  Keys(List<String> keys) {
    digests = keys.stream().map(Keys::digest).toList();
  }

  /// @throws TantraException code `invalid_api_key` or `insufficient_scope`
  void check(Exchange exchange, Router.Access access) {
    if (access == Router.Access.OPEN) {
      return;
    }
    if (digests.isEmpty()) {
      if (access == Router.Access.OPERATOR) {
        requireThisMachine(exchange);
      }
      return;
    }
    String key = key(exchange);
    if (key == null || !known(key)) {
      exchange.header("WWW-Authenticate", "Bearer");
      throw new TantraException(
              ErrorKind.INVALID,
              (key == null ? "The request has no API key." : "The API key is not one of this host.")
                  + " Send one of http.api-keys as 'Authorization: Bearer <key>' or 'x-api-key'.")
          .withCode("invalid_api_key");
    }
  }

  private static void requireThisMachine(Exchange exchange) {
    // A page in a browser on this machine comes from here too; its origin gives it away, and the
    // host name does where that page's own name was pointed at this machine.
    if (!exchange.fromLoopback()
        || !isLocal(exchange.header("Origin"))
        || !isLocal("http://" + exchange.header("Host"))) {
      throw new TantraException(
              ErrorKind.INVALID,
              "Without API keys, administration is for callers on the host's own machine. Call it"
                  + " from there, or set http.api-keys in Config/host.yaml.")
          .withCode("insufficient_scope");
    }
  }

  private static boolean isLocal(@Nullable String origin) {
    if (origin == null) {
      return true;
    }
    try {
      String host = String.valueOf(URI.create(origin).getHost()).toLowerCase(Locale.ROOT);
      return Set.of("localhost", "[::1]").contains(host) || host.matches("127(\\.[0-9]{1,3}){3}");
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static @Nullable String key(Exchange exchange) {
    String authorization = exchange.header("Authorization");
    if (authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return authorization.substring(7).strip();
    }
    return exchange.header("x-api-key");
  }

  /// Takes equally long whatever the key.
  private boolean known(String key) {
    byte[] digest = digest(key);
    boolean known = false;
    for (byte[] accepted : digests) {
      known |= MessageDigest.isEqual(digest, accepted);
    }
    return known;
  }

  private static byte[] digest(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
