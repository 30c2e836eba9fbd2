package org.tantra.host.http;

import java.net.Inet6Address;
import java.net.InetAddress;

/// Which addresses lie inside: of this machine, of its network, or of none.
///
/// @see <a href="https://www.iana.org/assignments/iana-ipv4-special-registry">IANA's registry of
///   special addresses</a>
final class PrivateAddress {
  private PrivateAddress() {}

  static boolean is(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return true;
    }
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address ? isInner6(bytes) : isInner4(bytes, 0);
  }

  /// Shared by carriers (100.64/10), of this network (0/8), for tests and protocols (192.0.0/24,
  /// 198.18/15), reserved (240/4); and again those that [InetAddress] knows, for embedded ones.
  private static boolean isInner4(byte[] bytes, int at) {
    int first = bytes[at] & 0xff;
    int second = bytes[at + 1] & 0xff;
    return switch (first) {
      case 0, 10, 127 -> true;
      case 100 -> (second & 0xc0) == 64;
      case 169 -> second == 254;
      case 172 -> (second & 0xf0) == 16;
      case 192 -> second == 168 || (second == 0 && bytes[at + 2] == 0);
      case 198 -> (second & 0xfe) == 18;
      default -> first >= 224;
    };
  }

  /// Unique local (fc00::/7), and those that carry an inner one of four bytes: mapped and
  /// compatible (::/96), translated (64:ff9b::/96), 6to4 (2002::/16).
  private static boolean isInner6(byte[] bytes) {
    if ((bytes[0] & 0xfe) == 0xfc) {
      return true;
    }
    if (bytes[0] == 0x20 && bytes[1] == 0x02) {
      return isInner4(bytes, 2);
    }
    boolean translated =
        bytes[0] == 0 && bytes[1] == 0x64 && (bytes[2] & 0xff) == 0xff && (bytes[3] & 0xff) == 0x9b;
    return (translated || isZero(bytes, 10)) && isInner4(bytes, 12);
  }

  private static boolean isZero(byte[] bytes, int end) {
    for (int i = 0; i < end; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }
}
