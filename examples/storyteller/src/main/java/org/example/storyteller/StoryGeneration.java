package org.example.storyteller;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.TextRequest;
import org.tantra.api.Usage;

/// One story being told: each step writes one word. It would go on forever; the token limit, a stop
/// text or the reader ends it.
final class StoryGeneration implements Generation {
  private final Grammar grammar;
  private final TextRequest request;
  private final int promptTokens;
  private final int limit;
  private final RandomGenerator random;

  /// What is still to be told, next symbol first.
  private final Deque<String> ahead = new ArrayDeque<>(List.of("$opening"));

  /// Text that could still turn out to begin a stop text.
  private final StringBuilder held = new StringBuilder();

  private int told;
  private FinishReason finishReason;
  private volatile boolean cancelled;

  StoryGeneration(
      Grammar grammar, TextRequest request, int promptTokens, int limit, RandomGenerator random) {
    this.grammar = grammar;
    this.request = request;
    this.promptTokens = promptTokens;
    this.limit = limit;
    this.random = random;
  }

  @Override
  public Optional<Piece> next() {
    if (finishReason != null) {
      return Optional.empty();
    }
    if (cancelled) {
      finishReason = FinishReason.CANCELLED;
      return Optional.empty();
    }
    if (told == limit) {
      finishReason = FinishReason.LENGTH;
      return held.isEmpty()
          ? Optional.empty()
          : Optional.of(new Piece(release(held.length()), List.of()));
    }
    Token token = nextToken();
    told++;
    held.append(token.text());
    return Optional.of(new Piece(certainText(), List.of(token)));
  }

  /// Follows rules until there is a word. Its probability is that of the choices that led to it.
  private Token nextToken() {
    double logprob = 0;
    while (ahead.isEmpty() || Grammar.isRule(ahead.peek())) {
      String rule = ahead.isEmpty() ? "$more" : ahead.pop();
      List<String> alternatives = grammar.alternatives(rule);
      String chosen = alternatives.get(random.nextInt(alternatives.size()));
      Grammar.symbols(chosen).reversed().forEach(ahead::push);
      logprob -= Math.log(alternatives.size());
    }
    String word = ahead.pop();
    String text = grammar.text(word);
    List<Byte> bytes = new ArrayList<>();
    for (byte value : text.getBytes(UTF_8)) {
      bytes.add(value);
    }
    boolean asked = request.topLogprobs() >= 0;
    return new Token(grammar.id(word), text, bytes, asked ? logprob : Double.NaN, List.of());
  }

  /// Releases what is before a stop text, or all but what could be the beginning of one.
  private String certainText() {
    int longest = 1;
    int first = Integer.MAX_VALUE;
    for (String stop : request.stop()) {
      int at = held.indexOf(stop);
      first = at < 0 ? first : Math.min(first, at);
      longest = Math.max(longest, stop.length());
    }
    if (first < Integer.MAX_VALUE) {
      finishReason = FinishReason.STOP;
      return release(first);
    }
    return release(Math.max(0, held.length() - (longest - 1)));
  }

  private String release(int length) {
    String text = held.substring(0, length);
    held.delete(0, length);
    return text;
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public FinishReason finishReason() {
    if (finishReason == null) {
      throw new IllegalStateException("the story has not ended");
    }
    return finishReason;
  }

  @Override
  public Usage usage() {
    return Usage.of(promptTokens, told);
  }

  @Override
  public List<Token> promptTokens() {
    return List.of();
  }

  @Override
  public void close() {}
}
