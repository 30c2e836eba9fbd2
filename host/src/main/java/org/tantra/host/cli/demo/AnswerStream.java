package org.tantra.host.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/// One streamed answer, read by a thread of its own: the beginning at once, the rest when told to.
/// In between the host has to wait, because a reader that pauses holds it up.
final class AnswerStream implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final int BEGINNING = 20;

  private final HttpResponse<InputStream> response;
  private final CountDownLatch rest = new CountDownLatch(1);
  private final Thread reader;
  private int pieces; // guarded by this
  private String finish = ""; // guarded by this
  private boolean complete; // guarded by this
  private String trouble = ""; // guarded by this

  AnswerStream(HttpResponse<InputStream> response) {
    if (response.statusCode() != 200) {
      throw new StepFailed("The host refused to stream: status " + response.statusCode() + ".");
    }
    this.response = response;
    this.reader = Thread.ofVirtual().name("answer-stream").start(this::read);
  }

  /// Pieces of text received so far.
  synchronized int pieces() {
    return pieces;
  }

  /// Whether the beginning has been read.
  boolean begun() {
    return pieces() >= BEGINNING || ended();
  }

  /// Reads the rest too.
  void readOn() {
    rest.countDown();
  }

  boolean ended() {
    return !reader.isAlive();
  }

  /// What ended it, once [#ended()].
  ///
  /// @throws StepFailed if it broke off
  synchronized String finishReason() {
    if (!trouble.isEmpty()) {
      throw new StepFailed("The stream broke: " + trouble);
    }
    if (!complete || finish.isEmpty()) {
      throw new StepFailed("The stream ended after " + pieces + " pieces without its end mark.");
    }
    return finish;
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("data:")) {
          event(line.substring("data:".length()).strip());
          if (begun()) {
            rest.await();
          }
        }
      }
    } catch (IOException | InterruptedException e) {
      synchronized (this) {
        trouble = e.toString();
      }
    }
  }

  private synchronized void event(String data) throws IOException {
    if (data.equals("[DONE]")) {
      complete = true;
      return;
    }
    JsonNode event = MAPPER.readTree(data);
    if (event.has("error")) {
      trouble = event.path("error").path("message").asText();
    }
    JsonNode choice = event.path("choices").path(0);
    String piece = choice.path("delta").path("content").asText("");
    if (!piece.isEmpty()) {
      pieces++;
    }
    if (choice.path("finish_reason").isTextual()) {
      finish = choice.path("finish_reason").asText();
    }
  }

  @Override
  public void close() {
    readOn();
    try {
      response.body().close();
    } catch (IOException _) {
      // it is over either way
    }
  }
}
