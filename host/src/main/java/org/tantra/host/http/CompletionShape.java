package org.tantra.host.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Generation;
import org.tantra.api.Prompt;

/// `text_completion`: the same for a whole answer and for each event of a stream.
final class CompletionShape implements Shape {
  private final boolean logprobs;
  private final @Nullable IntFunction<Prompt> echo;

  /// @param logprobs whether log-probabilities are shown
  /// @param echo the prompt that a choice begins with; null if it does not
  CompletionShape(boolean logprobs, @Nullable IntFunction<Prompt> echo) {
    this.logprobs = logprobs;
    this.echo = echo;
  }

  @Override
  public String idPrefix() {
    return "cmpl-";
  }

  @Override
  public Generation.@Nullable Piece opening(int choice, List<Generation.Token> promptTokens) {
    if (echo == null) {
      return null;
    }
    String text =
        echo.apply(choice) instanceof Prompt.Text(String given) ? given : text(promptTokens);
    return new Generation.Piece(text, promptTokens);
  }

  @Override
  public ObjectNode wholeHead(Head head) {
    return head.open("text_completion");
  }

  @Override
  public ObjectNode whole(Choice choice) {
    return entry(choice, choice.text(), choice.tokens(), 0, choice.finish());
  }

  @Override
  public ObjectNode chunkHead(Head head) {
    return wholeHead(head);
  }

  @Override
  public @Nullable ObjectNode chunkOpen(Choice choice) {
    return null;
  }

  @Override
  public ObjectNode chunk(Choice choice, String text, List<Generation.Token> tokens) {
    return entry(choice, text, tokens, choice.offset(), null);
  }

  @Override
  public ObjectNode chunkEnd(Choice choice) {
    return entry(choice, "", List.of(), 0, choice.finish());
  }

  private ObjectNode entry(
      Choice choice,
      String text,
      List<Generation.Token> tokens,
      int offset,
      @Nullable String finishReason) {
    ObjectNode node = Json.object();
    node.put("text", text);
    node.put("index", choice.index());
    if (logprobs && !tokens.isEmpty()) {
      node.set("logprobs", Logprobs.legacy(tokens, offset));
    } else {
      node.putNull("logprobs");
    }
    node.put("finish_reason", finishReason);
    return node;
  }

  private static String text(List<Generation.Token> tokens) {
    int length = tokens.stream().mapToInt(token -> token.bytes().size()).sum();
    byte[] bytes = new byte[length];
    int at = 0;
    for (Generation.Token token : tokens) {
      for (byte value : token.bytes()) {
        bytes[at++] = value;
      }
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
