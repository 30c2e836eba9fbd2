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

/// One streamed answer, read by a thread of its own as it comes.
final class AnswerStream implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpResponse<InputStream> response;
  private final CountDownLatch readOn = new CountDownLatch(1);
  private final Thread reader;
  private final StringBuilder text = new StringBuilder(); // guarded by this
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

  /// Reads on to the end; until then only the first piece is taken, so that the host, whose way is
  /// blocked, stays in the middle of its answer.
  void readOn() {
    readOn.countDown();
  }

  /// Pieces of text received so far.
  synchronized int pieces() {
    return pieces;
  }

  synchronized String text() {
    return text.toString();
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
          if (pieces() > 0) {
            readOn.await();
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
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
      text.append(piece);
      pieces++;
    }
    if (choice.path("finish_reason").isTextual()) {
      finish = choice.path("finish_reason").asText();
    }
  }

  @Override
  public void close() {
    try {
      response.body().close();
    } catch (IOException _) {
      // it is over either way
    }
  }
}
