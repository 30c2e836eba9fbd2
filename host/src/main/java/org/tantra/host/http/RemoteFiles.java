package org.tantra.host.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.config.RemotePlace;

/// Fetches files that requests name by address, from the places that `http.remote-media` lists and
/// no others: each step of a redirection is checked like the first address.
///
/// A caller must not reach through this host what it cannot reach itself, so a listed name that
/// leads to this machine or its network is refused, unless the list itself names such a machine.
/// Names are looked up just before connecting; the JVM keeps the answer for the connection. No
/// proxy, cookie or password is used. Files are told by their content, never by their
/// `Content-Type`. Safe from several threads.
final class RemoteFiles implements AutoCloseable {
  private static final int MOST_STEPS = 5;
  private static final int LONGEST_SHOWN = 120;

  private final List<RemotePlace> places;
  private final NameService names;
  private final @Nullable HttpClient client;

  /// Looks up the addresses of a name.
  @FunctionalInterface
  interface NameService {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  /// What one request may fetch: all its files together.
  ///
  /// @param bytes most bytes that are still free
  /// @param taken told about bytes that are kept, and may refuse them
  record Allowance(long bytes, Duration time, Connection connection, Taken taken) {}

  /// Takes note of bytes as they arrive.
  @FunctionalInterface
  interface Taken {
    void take(long bytes);
  }

  RemoteFiles(List<RemotePlace> places) {
    this(places, InetAddress::getAllByName);
  }

  RemoteFiles(List<RemotePlace> places, NameService names) {
    this.places = List.copyOf(places);
    this.names = names;
    client =
        places.isEmpty()
            ? null
            : HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(Duration.ofSeconds(5))
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
  }

  /// Fetches one file.
  ///
  /// @param fields whose field `name` holds the address, for messages
  /// @throws TantraException `INVALID` about the field if it may not or cannot be fetched; `BUSY`
  ///   if too many bytes are held already
  byte[] fetch(Fields fields, String name, String address, Allowance allowance) {
    long until = System.nanoTime() + allowance.time().toNanos();
    URI at = parsed(fields, name, address);
    for (int step = 0; step < MOST_STEPS; step++) {
      requireAllowed(fields, name, at);
      HttpResponse<byte[]> response = ask(fields, name, at, allowance, until);
      Optional<String> onward = response.headers().firstValue("Location");
      if (isRedirection(response.statusCode()) && onward.isPresent()) {
        at = next(fields, name, at, onward.get());
      } else if (response.statusCode() == 200) {
        return response.body();
      } else {
        throw fields.refuse(
            name,
            "%s: '%s' answers with status %d. Send the file itself as a data URL, or correct the address."
                .formatted(fields.name(name), shown(at), response.statusCode()));
      }
    }
    throw fields.refuse(
        name,
        "%s: '%s' leads on more than %d times. Name the file's own address."
            .formatted(fields.name(name), shown(parsed(fields, name, address)), MOST_STEPS));
  }

  private static boolean isRedirection(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  private static URI parsed(Fields fields, String name, String address) {
    try {
      return URI.create(address);
    } catch (IllegalArgumentException e) {
      throw fields.refuse(
          name,
          "%s is no valid address: %s. Percent-encode what an address may not hold."
              .formatted(fields.name(name), cut(String.valueOf(e.getMessage()))));
    }
  }

  private static URI next(Fields fields, String name, URI from, String location) {
    try {
      return from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw fields.refuse(
          name,
          "%s: '%s' leads to '%s', which is no valid address."
              .formatted(fields.name(name), shown(from), cut(location)));
    }
  }

  private void requireAllowed(Fields fields, String name, URI at) {
    RemotePlace place =
        places.stream()
            .filter(one -> one.holds(at))
            .findFirst()
            .orElseThrow(
                () ->
                    fields.refuse(
                        name,
                        "%s: this host fetches nothing from '%s'; http.remote-media in Config/host.yaml %s. Send the file as 'data:image/png;base64,...', or let the operator add its folder."
                            .formatted(
                                fields.name(name),
                                shown(at),
                                places.isEmpty() ? "is empty" : "does not list it")));
    if (place.mayBePrivate()) {
      return;
    }
    try {
      for (InetAddress address : names.addresses(place.host())) {
        if (PrivateAddress.is(address)) {
          throw fields.refuse(
              name,
              "%s: '%s' leads into this host's own network, where a public name must not lead. If that is meant, let the operator list the machine's address in http.remote-media in Config/host.yaml."
                  .formatted(fields.name(name), place.host()));
        }
      }
    } catch (UnknownHostException e) {
      throw fields.refuse(
          name,
          "%s: there is no machine '%s'. Correct the address, or send the file as a data URL."
              .formatted(fields.name(name), place.host()));
    }
  }

  private HttpResponse<byte[]> ask(
      Fields fields, String name, URI at, Allowance allowance, long until) {
    HttpRequest request = HttpRequest.newBuilder(at).header("User-Agent", "TantraHost").build();
    HttpClient asked = client;
    if (asked == null) {
      throw new IllegalStateException("nothing is listed");
    }
    CompletableFuture<HttpResponse<byte[]>> answer =
        asked.sendAsync(
            request, head -> new BoundedBody(head.statusCode() == 200 ? allowance : null));
    try (Connection.Watch _ = allowance.connection().watch(() -> answer.cancel(true))) {
      return answer.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      Caller.CURRENT.get().cancellation().check(); // the caller's own time may have been up first
      throw fields.refuse(
          name,
          "%s: '%s' did not send the file in time. Send it as a data URL."
              .formatted(fields.name(name), shown(at)));
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new TantraException(ErrorKind.CANCELLED, "The request was interrupted.", e);
    } catch (ExecutionException | java.util.concurrent.CancellationException e) {
      throw failed(fields, name, at, e, allowance);
    }
  }

  private static TantraException failed(
      Fields fields, String name, URI at, Exception e, Allowance allowance) {
    if (allowance.connection().gone()) {
      return new TantraException(ErrorKind.CANCELLED, "The client has left.", e);
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof BoundedBody.TooLargeException) {
        return fields
            .refuse(
                name,
                "%s: the file at '%s' is larger than the %d bytes that are left for the files of this request. Send a smaller one, or raise http.max-body in Config/host.yaml."
                    .formatted(fields.name(name), shown(at), allowance.bytes()))
            .withCode("request_too_large");
      }
      if (cause instanceof TantraException known) {
        return known;
      }
    }
    Throwable cause = e.getCause() instanceof IOException io ? io : e;
    return fields.refuse(
        name,
        "%s: '%s' cannot be fetched: %s. Correct the address, or send the file as a data URL."
            .formatted(fields.name(name), shown(at), cause));
  }

  /// An address without its query, which may hold a secret.
  private static String shown(URI at) {
    String whole = at.toString();
    int query = whole.indexOf('?');
    return cut(query < 0 ? whole : whole.substring(0, query));
  }

  private static String cut(String text) {
    return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
  }

  /// Ends what is under way. Calling it again does nothing.
  @Override
  public void close() {
    if (client != null) {
      client.shutdownNow();
    }
  }
}
