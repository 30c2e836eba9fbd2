package org.tantra.host.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Generation;

/// `chat.completion` and `chat.completion.chunk`.
final class ChatShape implements Shape {
  private final boolean logprobs;

  /// @param logprobs whether log-probabilities are shown
  ChatShape(boolean logprobs) {
    this.logprobs = logprobs;
  }

  @Override
  public String idPrefix() {
    return "chatcmpl-";
  }

  @Override
  public Generation.@Nullable Piece opening(int choice, List<Generation.Token> promptTokens) {
    return null;
  }

  @Override
  public ObjectNode wholeHead(Head head) {
    return head.open("chat.completion");
  }

  @Override
  public ObjectNode whole(Choice choice) {
    ObjectNode node = Json.object();
    node.put("index", choice.index());
    ObjectNode message = node.putObject("message");
    message.put("role", "assistant");
    message.put("content", choice.text());
    message.putNull("refusal");
    putLogprobs(node, choice.tokens());
    node.put("finish_reason", choice.finish());
    return node;
  }

  @Override
  public ObjectNode chunkHead(Head head) {
    return head.open("chat.completion.chunk");
  }

  @Override
  public ObjectNode chunkOpen(Choice choice) {
    ObjectNode node = Json.object();
    node.put("index", choice.index());
    ObjectNode delta = node.putObject("delta");
    delta.put("role", "assistant");
    delta.put("content", "");
    node.putNull("logprobs");
    node.putNull("finish_reason");
    return node;
  }

  @Override
  public ObjectNode chunk(Choice choice, String text, List<Generation.Token> tokens) {
    ObjectNode node = Json.object();
    node.put("index", choice.index());
    node.putObject("delta").put("content", text);
    putLogprobs(node, tokens);
    node.putNull("finish_reason");
    return node;
  }

  @Override
  public ObjectNode chunkEnd(Choice choice) {
    ObjectNode node = Json.object();
    node.put("index", choice.index());
    node.putObject("delta");
    node.putNull("logprobs");
    node.put("finish_reason", choice.finish());
    return node;
  }

  private void putLogprobs(ObjectNode node, List<Generation.Token> tokens) {
    if (!logprobs) {
      node.putNull("logprobs");
      return;
    }
    ObjectNode shown = node.putObject("logprobs");
    ArrayNode content = shown.putArray("content");
    for (Generation.Token token : tokens) {
      ObjectNode entry = token(token);
      ArrayNode top = entry.putArray("top_logprobs");
      token.alternatives().forEach(alternative -> top.add(token(alternative)));
      content.add(entry);
    }
    shown.putNull("refusal");
  }

  private static ObjectNode token(Generation.Token token) {
    ObjectNode node = Json.object();
    node.put("token", token.text());
    node.set("logprob", Logprobs.number(token.logprob()));
    ArrayNode bytes = node.putArray("bytes");
    token.bytes().forEach(value -> bytes.add(value & 0xff));
    return node;
  }
}
