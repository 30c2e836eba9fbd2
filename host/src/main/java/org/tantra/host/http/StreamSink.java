package org.tantra.host.http;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.Usage;

/// Answers with server-sent events. Nothing is sent before the first piece exists, so that an error
/// until then is still a plain one.
final class StreamSink implements Sink, AutoCloseable {
  private final Exchange exchange;
  private final Shape shape;
  private final Ask ask;
  private final List<Generation.Token> unsent = new ArrayList<>();
  private @Nullable Head head;
  private @Nullable EventStream events;
  private Choice choice = new Choice(0);
  private boolean first = true;

  StreamSink(Exchange exchange, Shape shape, Ask ask) {
    this.exchange = exchange;
    this.shape = shape;
    this.ask = ask;
  }

  /// Whether the client has got a 200 already.
  boolean begun() {
    return events != null;
  }

  @Override
  public void begin(Head answerHead) {
    head = answerHead;
    head.announce(exchange);
    events = exchange.events();
  }

  @Override
  public void open(int index, List<Generation.Token> promptTokens) {
    choice = new Choice(index);
    ObjectNode open = shape.chunkOpen(choice);
    if (open != null) {
      send(open);
    }
    Generation.Piece opening = shape.opening(index, promptTokens);
    if (opening != null) {
      piece(opening);
    }
  }

  @Override
  public void piece(Generation.Piece piece) {
    unsent.addAll(piece.tokens());
    if (!piece.text().isEmpty()) {
      sendText(piece.text());
    }
  }

  @Override
  public void close(FinishReason reason) {
    if (ask.logprobs() && !unsent.isEmpty()) {
      sendText("");
    }
    unsent.clear();
    choice.finish(reason);
    send(shape.chunkEnd(choice));
  }

  @Override
  public void end(Usage usage) {
    if (ask.includeUsage()) {
      ObjectNode node = shape.chunkHead(requireNonNull(head, "head"));
      node.putArray("choices");
      node.set("usage", Answers.usage(usage));
      events().data(Json.line(node));
    }
    events().data("[DONE]");
  }

  /// Ends the stream with an error instead of `[DONE]`.
  void fail(ApiError error) {
    events().error(Json.line(error.body()));
  }

  @Override
  public void close() {
    if (events != null) {
      events.close();
    }
  }

  private void sendText(String text) {
    List<Generation.Token> tokens = List.copyOf(unsent);
    unsent.clear();
    send(shape.chunk(choice, text, tokens));
    choice.pass(tokens);
  }

  private void send(ObjectNode entry) {
    Head head = requireNonNull(this.head, "head");
    ObjectNode node = shape.chunkHead(head);
    node.putArray("choices").add(entry);
    if (ask.includeUsage()) {
      node.putNull("usage");
    }
    if (first) {
      node.set("x_tantra", head.receipt());
      first = false;
    }
    events().data(Json.line(node));
  }

  private EventStream events() {
    return requireNonNull(events, "events");
  }
}
