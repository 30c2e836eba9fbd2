package org.tantra.host.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;

/// A folder, or one file, of another machine that `http.remote-media` lets callers name.
///
/// @param scheme `https` or `http`
/// @param host in lower case, as it is written in the list
/// @param port never -1
/// @param path begins with `/`; a folder unless the address is exactly this
public record RemotePlace(String scheme, String host, int port, String path) {
  /// An encoded dot, slash or backslash, which a server may take for another folder than we do.
  private static final Pattern HIDDEN_STEP = Pattern.compile("(?i)%(2e|2f|5c|00)");

  /// A name that means something inside one network only.
  private static final Pattern INNER_NAME =
      Pattern.compile("localhost|[^.:]+|.+\\.(localhost|local|internal|home\\.arpa)");

  private static final Pattern NUMBERS = Pattern.compile("\\d+\\.\\d+\\.\\d+\\.\\d+|\\[.*]");

  /// @throws IllegalArgumentException with what is wrong
  static RemotePlace of(String text) {
    URI address;
    try {
      address = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("'" + text + "' is no address: " + e.getReason(), e);
    }
    if (!isWeb(address)
        || address.getRawQuery() != null
        || address.getRawFragment() != null
        || !isPlain(address)) {
      throw new IllegalArgumentException(
          "'" + text + "' must be an address such as 'https://example.org/pictures/'");
    }
    return new RemotePlace(scheme(address), host(address), port(address), path(address));
  }

  /// Whether an address is one of the web, without a name and password.
  public static boolean isWeb(URI address) {
    return address.getScheme() != null
        && (scheme(address).equals("https") || scheme(address).equals("http"))
        && address.getHost() != null
        && address.getRawUserInfo() == null;
  }

  /// Whether an address lies here. One whose path hides steps to other folders lies nowhere.
  public boolean holds(URI address) {
    return isWeb(address)
        && isPlain(address)
        && scheme(address).equals(scheme)
        && host(address).equals(host)
        && port(address) == port
        && isInside(path(address));
  }

  /// Whether the host may be this machine or one of its network: the list names it by number, or by
  /// a name that has no meaning elsewhere.
  public boolean mayBePrivate() {
    return NUMBERS.matcher(host).matches() || INNER_NAME.matcher(host).matches();
  }

  private boolean isInside(String other) {
    String folder = path.endsWith("/") ? path : path + "/";
    return other.equals(path) || other.startsWith(folder);
  }

  private static boolean isPlain(URI address) {
    String path = address.getRawPath();
    return path == null
        || (!HIDDEN_STEP.matcher(path).find() && path.equals(address.normalize().getRawPath()));
  }

  private static String scheme(URI address) {
    return address.getScheme().toLowerCase(Locale.ROOT);
  }

  private static String host(URI address) {
    return address.getHost().toLowerCase(Locale.ROOT);
  }

  private static int port(URI address) {
    if (address.getPort() >= 0) {
      return address.getPort();
    }
    return scheme(address).equals("https") ? 443 : 80;
  }

  private static String path(URI address) {
    String path = address.getRawPath();
    return path == null || path.isEmpty() ? "/" : path;
  }
}
