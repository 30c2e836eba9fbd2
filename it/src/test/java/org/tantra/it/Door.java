package org.tantra.it;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;

/// A running host with its HTTP door, and two clients for it: Java's own and OpenAI's.
final class Door implements AutoCloseable {
  private final Installation installation;
  private final HttpClient http = HttpClient.newHttpClient();
  private final OpenAIClient openAi;

  private Door(Installation installation) {
    this.installation = installation;
    this.openAi =
        OpenAIOkHttpClient.builder()
            .baseUrl(installation.url() + "/v1")
            .apiKey("sk-no-key")
            .maxRetries(0)
            .build();
  }

  /// Opens a home folder that has been filled.
  static Door open(Path home) {
    return new Door(Installation.start(home, "pf4j"));
  }

  /// OpenAI's client; it tries everything once.
  OpenAIClient openAi() {
    return openAi;
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(installation.url() + path));
  }

  <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body)
      throws IOException, InterruptedException {
    return http.send(request, body);
  }

  HttpResponse<String> postJson(String path, String body) throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    openAi.close();
    http.close();
    installation.close();
  }
}
