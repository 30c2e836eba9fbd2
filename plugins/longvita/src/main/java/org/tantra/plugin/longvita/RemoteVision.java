package org.tantra.plugin.longvita;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.TensorView;
import org.tantra.media.Picture;
import org.tantra.media.Pictures;
import org.tantra.media.Video;
import org.tantra.nn.SharedSpace;

/// Asks an HTTP API for embeddings: `POST {base_url}/embeddings` with `{"model": …, "input":
/// [{"image": "data:…;base64,…"}], "encoding_format": "float"}`, as this host itself serves them;
/// the answer's `data[0].embedding` may have any width.
final class RemoteVision implements LoadedEncoder {
  private static final JsonFactory JSON = new JsonFactory();

  /// Far above any embedding as JSON; a larger answer is garbage.
  private static final int MAXIMUM_ANSWER = 4 << 20;

  private static final int MAXIMUM_WIDTH = 1 << 16;

  /// Between one try and the next, doubled each time.
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

  private final Place place;
  private final HttpClient client;

  /// Where and how to ask.
  ///
  /// @param key empty for none
  /// @param limit of one try
  record Place(URI address, String key, String model, Duration limit, int retries) {}

  RemoteVision(Place place) {
    this.place = place;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(place.limit())
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  @Override
  public long residentBytes() {
    return 0;
  }

  @Override
  public String fingerprint() {
    return "remote-" + place.address().getHost();
  }

  @Override
  public TensorView embed(Media item, Cancellation cancellation) {
    if (!(item instanceof Media.Encoded(var modality, var bytes))) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED, "'" + RemoteEncoder.ID + "' sends picture and video files only.");
    }
    requireReadable(modality, bytes);
    HttpRequest request = request(modality.name().toLowerCase(Locale.ROOT), bytes);
    Duration pause = FIRST_PAUSE;
    for (int tries = 0; ; tries++) {
      try {
        return TensorView.of(SharedSpace.unit(ask(request, cancellation)), SharedSpace.WIDTH);
      } catch (Passing e) {
        if (tries >= place.retries()) {
          throw new TantraException(
              ErrorKind.BUSY,
              "'%s' did not answer: %s (%d tries)."
                  .formatted(place.address(), e.reason, tries + 1));
        }
        await(pause, cancellation);
        pause = pause.multipliedBy(2);
      }
    }
  }

  /// What is no picture, or one too large, is the caller's mistake and not sent anywhere.
  private static void requireReadable(Modality modality, MemorySegment bytes) {
    switch (modality) {
      case IMAGE -> {
        Picture _ = Pictures.read(bytes);
      }
      case VIDEO -> Video.open(bytes).close();
      default ->
          throw new TantraException(
              ErrorKind.UNSUPPORTED,
              "'%s' sends pictures and videos, not %s."
                  .formatted(RemoteEncoder.ID, modality.name().toLowerCase(Locale.ROOT)));
    }
  }

  /// A failure that may be gone the next time.
  private static final class Passing extends Exception {
    private static final long serialVersionUID = 1;
    final String reason;

    Passing(String reason) {
      super(reason);
      this.reason = reason;
    }
  }

  private HttpRequest request(String modality, MemorySegment bytes) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(place.address())
            .timeout(place.limit())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body(modality, bytes)));
    if (!place.key().isEmpty()) {
      request.header("Authorization", "Bearer " + place.key());
    }
    return request.build();
  }

  private byte[] body(String modality, MemorySegment bytes) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(body)) {
      json.writeStartObject();
      json.writeStringField("model", place.model());
      json.writeArrayFieldStart("input");
      json.writeStartObject();
      json.writeStringField(
          modality,
          "data:application/octet-stream;base64,"
              + Base64.getEncoder().encodeToString(bytes.toArray(ValueLayout.JAVA_BYTE)));
      json.writeEndObject();
      json.writeEndArray();
      json.writeStringField("encoding_format", "float");
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    return body.toByteArray();
  }

  private float[] ask(HttpRequest request, Cancellation cancellation) throws Passing {
    HttpResponse<InputStream> response =
        await(client.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream()), cancellation);
    try (InputStream body = response.body()) {
      int status = response.statusCode();
      if (status == 429 || status >= 500) {
        throw new Passing("status " + status);
      }
      if (status != 200) {
        throw new TantraException(
            ErrorKind.UNSUPPORTED,
            "'%s' refused the request with status %d. Check model.name and model.api_key in Config/%s.yaml."
                .formatted(place.address(), status, RemoteEncoder.ID));
      }
      return embedding(body.readNBytes(MAXIMUM_ANSWER + 1));
    } catch (IOException e) {
      throw new Passing(e.toString());
    }
  }

  /// Waits in steps, so that a caller who has gone is noticed.
  private HttpResponse<InputStream> await(
      CompletableFuture<HttpResponse<InputStream>> answer, Cancellation cancellation)
      throws Passing {
    long end = System.nanoTime() + place.limit().toNanos();
    try {
      while (true) {
        try {
          return answer.get(50, TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
          cancellation.check();
          if (System.nanoTime() - end > 0) {
            throw noAnswer();
          }
        }
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof HttpTimeoutException
          ? noAnswer() // the client has the same limit, and may notice first
          : new Passing(String.valueOf(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TantraException(ErrorKind.CANCELLED, "Asking the remote encoder was interrupted.");
    } finally {
      answer.cancel(true);
    }
  }

  private Passing noAnswer() {
    return new Passing("no answer within " + place.limit().toSeconds() + " s");
  }

  private static void await(Duration pause, Cancellation cancellation) {
    cancellation.check();
    try {
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TantraException(ErrorKind.CANCELLED, "Asking the remote encoder was interrupted.");
    }
  }

  /// The first embedding of an answer.
  private float[] embedding(byte[] answer) {
    if (answer.length <= MAXIMUM_ANSWER) {
      try (JsonParser json = JSON.createParser(answer)) {
        while (json.nextToken() != null) {
          if (json.currentToken() == JsonToken.FIELD_NAME
              && json.currentName().equals("embedding")
              && json.nextToken() == JsonToken.START_ARRAY) {
            return numbers(json);
          }
        }
      } catch (IOException _) {
        // Told below, as every answer without numbers.
      }
    }
    throw new TantraException(
        ErrorKind.CORRUPT,
        "'%s' answered with something that holds no embedding.".formatted(place.address()));
  }

  private static float[] numbers(JsonParser json) throws IOException {
    float[] numbers = new float[1024];
    int count = 0;
    while (json.nextToken() != null && json.currentToken().isNumeric() && count < MAXIMUM_WIDTH) {
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
      }
      numbers[count++] = json.getFloatValue();
    }
    if (count == 0 || json.currentToken() != JsonToken.END_ARRAY) {
      throw new IOException("no list of numbers");
    }
    return Arrays.copyOf(numbers, count);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
