package org.tantra.host.http;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.TantraException;
import org.tantra.api.Usage;

/// Answers with one JSON document, which is sent by [#send()] only: the request may have left its
/// place by then.
final class WholeSink implements Sink {
  private final Exchange exchange;
  private final Shape shape;
  private final Ask ask;
  private final List<Choice> choices = new ArrayList<>();
  private int logprobs;
  private @Nullable Head head;
  private @Nullable Usage usage;

  WholeSink(Exchange exchange, Shape shape, Ask ask) {
    this.exchange = exchange;
    this.shape = shape;
    this.ask = ask;
  }

  @Override
  public void begin(Head answerHead) {
    head = answerHead;
  }

  @Override
  public void open(int choice, List<Generation.Token> promptTokens) {
    choices.add(new Choice(choice));
    Generation.Piece opening = shape.opening(choice, promptTokens);
    if (opening != null) {
      piece(opening);
    }
  }

  @Override
  public void piece(Generation.Piece piece) {
    boolean needed = ask.logprobs() || ask.kept() < ask.sampled();
    List<Generation.Token> tokens = needed ? piece.tokens() : List.of();
    for (Generation.Token token : tokens) {
      logprobs += 1 + token.alternatives().size();
    }
    if (logprobs > Ask.MAXIMUM_LOGPROBS) {
      throw new TantraException(
              ErrorKind.INVALID,
              "The answer has more than "
                  + Ask.MAXIMUM_LOGPROBS
                  + " log-probabilities, too many for one document. Ask for fewer"
                  + " log-probabilities, tokens or choices, or for a stream.")
          .about("logprobs")
          .withCode("invalid_value");
    }
    choices.getLast().add(piece.text(), tokens);
  }

  @Override
  public void close(FinishReason reason) {
    choices.getLast().finish(reason);
  }

  @Override
  public void end(Usage all) {
    usage = all;
  }

  /// Sends the answer, however long the client takes to read it.
  void send() {
    Head head = requireNonNull(this.head, "head");
    head.announce(exchange);
    ObjectNode node = shape.wholeHead(head);
    ArrayNode array = node.putArray("choices");
    kept().forEach(choice -> array.add(shape.whole(choice)));
    node.set("usage", Answers.usage(requireNonNull(usage, "usage")));
    node.set("x_tantra", head.receipt());
    exchange.json(200, node);
  }

  /// The likeliest of each prompt's choices, likeliest first; all in order if none is too many.
  private List<Choice> kept() {
    if (ask.kept() == ask.sampled()) {
      return choices;
    }
    List<Choice> kept = new ArrayList<>();
    for (int from = 0; from < choices.size(); from += ask.sampled()) {
      choices.subList(from, from + ask.sampled()).stream()
          .sorted(Comparator.comparingDouble(Choice::meanLogprob).reversed())
          .limit(ask.kept())
          .forEach(choice -> kept.add(choice.at(kept.size())));
    }
    return kept;
  }
}
