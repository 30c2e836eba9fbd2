package org.tantra.host.http;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;

/// The files of one JSON request: in it as data URLs or bare base64, or named by their address.
///
/// What is fetched counts like what is sent: all files of a request are together no larger than a
/// body may be.
final class SentFiles {
  /// For fetching all files of one request.
  private static final Duration FETCHING = Duration.ofSeconds(20);

  private final RemoteFiles remote;
  private final Exchange exchange;
  private final long until = System.nanoTime() + FETCHING.toNanos();
  private long free;

  SentFiles(RemoteFiles remote, Exchange exchange) {
    this.remote = remote;
    this.exchange = exchange;
    free = exchange.limits().bodyBytes();
  }

  /// The bytes of `data:image/png;base64,…`, or of a file at an address.
  ///
  /// @param fields whose field it is, for messages
  MemorySegment url(Fields fields, String name, String url) {
    String scheme = url.substring(0, Math.max(0, url.indexOf(':'))).toLowerCase(Locale.ROOT);
    return switch (scheme) {
      case "data" -> dataUrl(fields, name, url);
      case "http", "https" -> fetched(fields, name, url);
      default ->
          throw fields.refuse(
              name,
              fields.name(name)
                  + " is neither a data URL nor an address of the web. Send"
                  + " 'data:image/png;base64,...'.");
    };
  }

  /// The bytes of a data URL, of a file at an address, or of base64.
  MemorySegment any(Fields fields, String name, String text) {
    return text.startsWith("data:") || text.contains("://")
        ? url(fields, name, text)
        : base64(fields, name, text);
  }

  MemorySegment base64(Fields fields, String name, String base64) {
    try {
      return MemorySegment.ofArray(Base64.getMimeDecoder().decode(base64)).asReadOnly();
    } catch (IllegalArgumentException e) {
      throw fields.refuse(name, fields.name(name) + " is not base64: " + e.getMessage() + ".");
    }
  }

  private MemorySegment dataUrl(Fields fields, String name, String url) {
    int comma = url.indexOf(',');
    if (comma < 0 || !url.substring(0, comma).endsWith(";base64")) {
      throw fields.refuse(
          name,
          fields.name(name) + " is a data URL without base64. Send 'data:image/png;base64,...'.");
    }
    return base64(fields, name, url.substring(comma + 1));
  }

  /// What is left for fetching: of our time, or a little more than all of the caller's.
  private Duration left(Caller caller) {
    Duration ours = Duration.ofNanos(Math.max(0, until - System.nanoTime()));
    if (caller.deadline() == null) {
      return ours;
    }
    Duration theirs = Duration.between(Instant.now(), caller.deadline()).plusMillis(5);
    return theirs.compareTo(ours) < 0 ? theirs : ours;
  }

  private MemorySegment fetched(Fields fields, String name, String url) {
    Caller caller = Caller.CURRENT.get();
    RemoteFiles.Allowance allowance =
        new RemoteFiles.Allowance(free, left(caller), exchange.connection(), exchange::hold);
    byte[] bytes = Answers.inTime(caller, () -> remote.fetch(fields, name, url, allowance));
    free -= bytes.length;
    return MemorySegment.ofArray(bytes).asReadOnly();
  }
}
