package org.tantra.host.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.Prompt;
import org.tantra.api.TantraException;
import org.tantra.api.TextRequest;
import org.tantra.api.Usage;
import org.tantra.host.resolve.Served;
import org.tantra.host.resolve.TextAnswer;

/// An answer that says given pieces, one token each, and then ends, fails or hangs.
final class FakeAnswer implements TextAnswer {
  private final Served served;
  private final TextRequest request;
  private final List<String> pieces;
  private final @Nullable TantraException failure;
  private final boolean hangs;
  private final IntConsumer beforePiece;
  private final Runnable whenClosed;
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private int next;
  private boolean over;

  FakeAnswer(
      Served served,
      TextRequest request,
      List<String> pieces,
      @Nullable TantraException failure,
      boolean hangs,
      IntConsumer beforePiece,
      Runnable whenClosed) {
    this.served = served;
    this.request = request;
    this.pieces = pieces;
    this.failure = failure;
    this.hangs = hangs;
    this.beforePiece = beforePiece;
    this.whenClosed = whenClosed;
  }

  @Override
  public Served served() {
    return served;
  }

  @Override
  public Optional<Generation.Piece> next() {
    int most = request.maxTokens() == null ? Integer.MAX_VALUE : request.maxTokens();
    if (next < Math.min(pieces.size(), most)) {
      beforePiece.accept(next);
      String text = pieces.get(next++);
      return Optional.of(new Generation.Piece(text, List.of(token(text))));
    }
    if (failure != null) {
      throw failure;
    }
    if (hangs) {
      try {
        cancelled.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    over = true;
    return Optional.empty();
  }

  @Override
  public void cancel() {
    cancelled.countDown();
  }

  @Override
  public FinishReason finishReason() {
    if (!over) {
      throw new IllegalStateException("not over");
    }
    if (cancelled.getCount() == 0) {
      return FinishReason.CANCELLED;
    }
    return next < pieces.size() ? FinishReason.LENGTH : FinishReason.STOP;
  }

  @Override
  public Usage usage() {
    return Usage.of(promptWords().size(), next);
  }

  @Override
  public List<Generation.Token> promptTokens() {
    if (!request.scorePrompt()) {
      return List.of();
    }
    List<Generation.Token> tokens = new ArrayList<>();
    for (String word : promptWords()) {
      Generation.Token token = token(word);
      tokens.add(
          tokens.isEmpty()
              ? new Generation.Token(token.id(), token.text(), token.bytes(), Double.NaN, List.of())
              : token);
    }
    return tokens;
  }

  @Override
  public void close() {
    whenClosed.run();
  }

  /// Words with the blank before them; token ids become letters.
  private List<String> promptWords() {
    return switch (request.prompt()) {
      case Prompt.Text(String text) -> List.of(text.split("(?= )", -1));
      case Prompt.Tokens(List<Integer> ids) -> ids.stream().map(Character::toString).toList();
      case Prompt.Chat(List<Prompt.Message> messages) ->
          messages.stream().map(Prompt.Message::text).toList();
    };
  }

  /// Every token is as likely as not, its capitals half as likely. Nobody looks at its bytes who
  /// does not ask for that: those of a long one would take seconds.
  private Generation.Token token(String text) {
    if (request.topLogprobs() < 0) {
      return new Generation.Token(text.hashCode(), text, List.of(), Double.NaN, List.of());
    }
    double logprob = Math.log(0.5);
    List<Generation.Token> alternatives =
        request.topLogprobs() < 1
            ? List.of()
            : List.of(plain(text, logprob), plain(text.toUpperCase(Locale.ROOT), Math.log(0.25)));
    return new Generation.Token(text.hashCode(), text, bytes(text), logprob, alternatives);
  }

  private static Generation.Token plain(String text, double logprob) {
    return new Generation.Token(text.hashCode(), text, bytes(text), logprob, List.of());
  }

  private static List<Byte> bytes(String text) {
    List<Byte> bytes = new ArrayList<>();
    for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
      bytes.add(value);
    }
    return bytes;
  }
}
