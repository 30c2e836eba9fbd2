package org.tantra.nn.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Generation.Token;

/// Describes tokens as the SPI reports them, with log-probabilities where they are asked for.
final class TokenReport {
  private final Tokenizer tokenizer;
  private final int alternatives;

  TokenReport(Tokenizer tokenizer, int alternatives) {
    this.tokenizer = tokenizer;
    this.alternatives = alternatives;
  }

  /// A token without a log-probability.
  Token plain(int id) {
    return token(id, Double.NaN, List.of());
  }

  /// A token with its log-probability and the likeliest tokens at its place.
  Token scored(int id, float[] logits) {
    double normaliser = logSumExp(logits);
    List<Token> likeliest = new ArrayList<>();
    for (int other : Ranking.top(logits, alternatives)) {
      likeliest.add(token(other, logits[other] - normaliser, List.of()));
    }
    return token(id, logits[id] - normaliser, likeliest);
  }

  private Token token(int id, double logprob, List<Token> likeliest) {
    byte[] bytes = tokenizer.bytes(id);
    List<Byte> boxed = new ArrayList<>(bytes.length);
    for (byte value : bytes) {
      boxed.add(value);
    }
    return new Token(id, new String(bytes, UTF_8), boxed, logprob, likeliest);
  }

  private static double logSumExp(float[] logits) {
    double highest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      highest = Math.max(highest, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - highest);
    }
    return highest + Math.log(sum);
  }
}
