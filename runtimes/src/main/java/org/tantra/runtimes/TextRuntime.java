package org.tantra.runtimes;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.tantra.api.ErrorKind;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TantraException;
import org.tantra.api.TextRequest;
import org.tantra.host.Host;
import org.tantra.host.resolve.Call;
import org.tantra.host.resolve.ModelStatus;
import org.tantra.host.resolve.TextAnswer;

/// Any language model of a host. Safe to use from several threads.
///
/// ```java
/// try (Host host = Host.open(HostOptions.at(home))) {
///   TextRuntime text = TextRuntime.of(host);
///   System.out.println(text.generate("The lighthouse keeper").text());
/// }
/// ```
///
/// Every method that asks the model throws what [Host#generate(Call)] throws, and `CANCELLED` if
/// the answer was stopped midway: by its cancellation, by an interrupt of the calling thread, or,
/// with the code `timeout`, because time ran out.
public final class TextRuntime {
  private final Host host;
  private final String model;

  private TextRuntime(Host host, String model) {
    this.host = requireNonNull(host, "host");
    this.model = requireNonNull(model, "model");
  }

  /// The model that `models.default` of `Config/host.yaml` names.
  public static TextRuntime of(Host host) {
    return of(host, host.config().models().standard());
  }

  /// One model, loaded or not.
  public static TextRuntime of(Host host, String model) {
    return new TextRuntime(host, model);
  }

  /// Continues a text as the model's configuration says.
  public Completion generate(String prompt) {
    return generate(prompt, TextOptions.DEFAULT);
  }

  /// Continues a text.
  public Completion generate(String prompt, TextOptions options) {
    return stream(new Prompt.Text(prompt), options, _ -> {});
  }

  /// Says the next thing in a conversation.
  ///
  /// @param turns what has been said, oldest first
  public Completion chat(List<Prompt.Message> turns, TextOptions options) {
    return stream(new Prompt.Chat(turns), options, _ -> {});
  }

  /// Continues a prompt and hands its text on as it comes.
  ///
  /// @param pieces gets whole characters, in the calling thread; what it throws ends the answer and
  ///   is thrown on
  public Completion stream(Prompt prompt, TextOptions options, Consumer<String> pieces) {
    TextRequest request = options.request(prompt, host.configs().serving(model));
    return options.call().run(model, request, call -> read(call, pieces));
  }

  private Completion read(Call<TextRequest> call, Consumer<String> pieces) {
    StringBuilder text = new StringBuilder();
    List<Generation.Token> tokens = new ArrayList<>();
    try (TextAnswer answer = host.generate(call)) {
      for (Optional<Generation.Piece> piece = answer.next();
          piece.isPresent();
          piece = answer.next()) {
        tokens.addAll(piece.get().tokens());
        text.append(piece.get().text());
        if (!piece.get().text().isEmpty()) {
          pieces.accept(piece.get().text());
        }
      }
      if (answer.finishReason() == FinishReason.CANCELLED) {
        throw new TantraException(
            ErrorKind.CANCELLED, "Stopped after " + tokens.size() + " tokens.");
      }
      return new Completion(
          text.toString(), tokens, answer.finishReason(), answer.usage(), answer.served());
    }
  }

  /// The tokens of a text as this model splits it, each with the natural logarithm of its
  /// probability after those before it; that of the first is `NaN`. Takes as long as reading a
  /// prompt. No stand-in is asked: it would split otherwise.
  public List<Generation.Token> tokens(String text) {
    TextRequest request =
        new TextRequest(new Prompt.Text(text), 0, Sampling.GREEDY, List.of(), 0, true);
    try (TextAnswer answer =
        host.generate(new Call<>(model, request, false, CallOptions.DEFAULT.cancellation()))) {
      while (answer.next().isPresent()) {
        // nothing is added
      }
      return answer.promptTokens();
    }
  }

  /// What the host knows of the model now. Size, memory and the weights' fingerprint are known once
  /// it is loaded, by a request or by [Host#load(String)].
  ///
  /// @throws TantraException `NOT_FOUND` if the host does not know the model
  public ModelStatus modelInfo() {
    return host.model(model)
        .orElseThrow(
            () ->
                new TantraException(
                        ErrorKind.NOT_FOUND,
                        "There is no model '%s'. There are: %s."
                            .formatted(
                                model,
                                String.join(
                                    ", ", host.models().stream().map(ModelStatus::id).toList())))
                    .about("model")
                    .withCode("model_not_found"));
  }
}
