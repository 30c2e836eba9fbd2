package org.tantra.host.http;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A client that sees the bytes on the wire.
final class RawClient implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;

  RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(60_000);
    in = socket.getInputStream();
  }

  RawClient send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /// Sends a request line and headers.
  RawClient request(String... lines) throws IOException {
    return send(String.join("\r\n", lines) + "\r\n\r\n");
  }

  RawClient post(String path, String json) throws IOException {
    return request(
            "POST " + path + " HTTP/1.1",
            "Host: localhost",
            "Content-Type: application/json",
            "Content-Length: " + json.getBytes(StandardCharsets.UTF_8).length)
        .send(json);
  }

  /// Status line and headers, without the blank line.
  List<String> head() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      lines.add(line);
    }
    return lines;
  }

  /// The next chunk of a chunked body; empty at its end.
  String chunk() throws IOException {
    int length = Integer.parseInt(line(), 16);
    String chunk = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    assertTrue(line().isEmpty(), "a chunk ends with a line break");
    return chunk;
  }

  /// All chunks of a chunked body.
  List<String> chunks() throws IOException {
    List<String> chunks = new ArrayList<>();
    for (String chunk = chunk(); !chunk.isEmpty(); chunk = chunk()) {
      chunks.add(chunk);
    }
    return chunks;
  }

  /// As many bytes of body.
  String body(int length) throws IOException {
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  /// What comes until the server closes the connection.
  String rest() throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  /// Says that nothing more is sent.
  void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  /// Hangs up.
  @Override
  public void close() throws IOException {
    socket.close();
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new IOException("cut off after '" + line + "'");
      }
      line.write(next);
    }
    String text = line.toString(StandardCharsets.UTF_8);
    assertTrue(text.endsWith("\r"), text);
    return text.substring(0, text.length() - 1);
  }
}
