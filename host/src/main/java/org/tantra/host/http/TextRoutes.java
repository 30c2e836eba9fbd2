package org.tantra.host.http;

/// `POST /v1/chat/completions` and `POST /v1/completions`.
final class TextRoutes {
  private final Answers answers;

  TextRoutes(Answers answers) {
    this.answers = answers;
  }

  void chat(Exchange exchange) {
    Ask ask = ChatRequest.read(exchange.fields());
    answers.answer(exchange, ask, new ChatShape(ask.logprobs()));
  }

  void completions(Exchange exchange) {
    CompletionRequest.Read read = CompletionRequest.read(exchange.fields());
    Ask ask = read.ask();
    answers.answer(
        exchange,
        ask,
        new CompletionShape(
            ask.logprobs(), read.echo() ? choice -> ask.choices().get(choice).prompt() : null));
  }
}
