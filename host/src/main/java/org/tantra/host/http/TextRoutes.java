package org.tantra.host.http;

import org.tantra.host.config.Configurations;

/// `POST /v1/chat/completions` and `POST /v1/completions`.
final class TextRoutes {
  private final Answers answers;
  private final Configurations configs;
  private final RemoteFiles remote;

  TextRoutes(Answers answers, Configurations configs, RemoteFiles remote) {
    this.answers = answers;
    this.configs = configs;
    this.remote = remote;
  }

  void chat(Exchange exchange) {
    Ask ask = ChatRequest.read(exchange.fields(), configs, new SentFiles(remote, exchange));
    answers.answer(exchange, ask, new ChatShape(ask.logprobs()));
  }

  void completions(Exchange exchange) {
    CompletionRequest.Read read = CompletionRequest.read(exchange.fields(), configs);
    Ask ask = read.ask();
    answers.answer(
        exchange,
        ask,
        new CompletionShape(
            ask.logprobs(), read.echo() ? choice -> ask.choices().get(choice).prompt() : null));
  }
}
