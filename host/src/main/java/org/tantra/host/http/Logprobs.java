package org.tantra.host.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import org.tantra.api.Generation;

/// Log-probabilities in the shape of the completions route.
final class Logprobs {
  /// What OpenAI sends for impossible tokens; JSON has no infinity.
  private static final double IMPOSSIBLE = -9999;

  private Logprobs() {}

  /// A log-probability; null if there is none.
  static JsonNode number(double logprob) {
    if (Double.isNaN(logprob)) {
      return JsonNodeFactory.instance.nullNode();
    }
    return JsonNodeFactory.instance.numberNode(Math.max(logprob, IMPOSSIBLE));
  }

  /// Parallel arrays over the tokens of a text.
  ///
  /// @param offset where the first token begins in the choice's text, in code points
  static ObjectNode legacy(List<Generation.Token> tokens, int offset) {
    ObjectNode node = Json.object();
    ArrayNode texts = node.putArray("tokens");
    ArrayNode logprobs = node.putArray("token_logprobs");
    ArrayNode tops = node.putArray("top_logprobs");
    ArrayNode offsets = node.putArray("text_offset");
    int at = offset;
    for (Generation.Token token : tokens) {
      texts.add(text(token));
      logprobs.add(number(token.logprob()));
      offsets.add(at);
      at += codePoints(token);
      if (Double.isNaN(token.logprob())) {
        tops.addNull();
        continue;
      }
      ObjectNode top = tops.addObject();
      token
          .alternatives()
          .forEach(alternative -> top.set(text(alternative), number(alternative.logprob())));
      top.set(text(token), number(token.logprob()));
    }
    return node;
  }

  /// How many code points begin in tokens.
  static int codePoints(List<Generation.Token> tokens) {
    return tokens.stream().mapToInt(Logprobs::codePoints).sum();
  }

  private static int codePoints(Generation.Token token) {
    int begun = 0;
    for (byte value : token.bytes()) {
      if ((value & 0xc0) != 0x80) {
        begun++;
      }
    }
    return begun;
  }

  /// A token's text; its bytes where they are not whole characters, so that no two tokens look the
  /// same.
  private static String text(Generation.Token token) {
    if (token.text().indexOf('\uFFFD') < 0) {
      return token.text();
    }
    StringBuilder text = new StringBuilder("bytes:");
    token.bytes().forEach(value -> text.append(String.format(Locale.ROOT, "\\x%02x", value)));
    return text.toString();
  }
}
