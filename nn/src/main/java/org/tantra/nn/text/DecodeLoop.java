package org.tantra.nn.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.Prompt;
import org.tantra.api.TantraException;
import org.tantra.api.TextRequest;
import org.tantra.api.Usage;

/// One request being answered by a [LanguageModel]: prefill, then one token per step, as
/// [Generation] promises.
///
/// An end-of-text token ends the answer and is neither reported nor counted. The session is closed
/// as soon as the answer is complete. [#cancel()] may come from any thread; everything else,
/// [#close()] included, from one thread at a time.
public final class DecodeLoop implements Generation {
  private final LanguageModel model;
  private final Tokenizer tokenizer;
  private final TextRequest request;
  private final int[] prompt;
  private final int limit;
  private final Sampler sampler;
  private final TextAssembler text;
  private final TokenReport report;

  private final List<Token> promptTokens = new ArrayList<>();
  private @Nullable Session session;
  private int lastToken;
  private int completionTokens;
  private Map<String, Double> measures = Map.of();
  private @Nullable FinishReason finishReason;
  private boolean closed;
  private volatile boolean cancelled;

  private DecodeLoop(
      LanguageModel model,
      Tokenizer tokenizer,
      TextRequest request,
      int[] prompt,
      int limit,
      List<String> stops) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.request = request;
    this.prompt = prompt;
    this.limit = limit;
    this.sampler = new Sampler(request.sampling(), model.vocab());
    this.text = new TextAssembler(stops, request.prompt() instanceof Prompt.Chat);
    this.report = new TokenReport(tokenizer, Math.max(0, request.topLogprobs()));
  }

  /// Checks a request and turns its prompt into tokens; computes nothing yet.
  ///
  /// A conversation is written out as [ChatTranscript], and white space at the start of the answer
  /// to it is dropped. An empty prompt becomes the tokenizer's start token.
  ///
  /// @throws TantraException as [org.tantra.api.TextGeneration#generate] says
  public static DecodeLoop start(LanguageModel model, Tokenizer tokenizer, TextRequest request) {
    List<String> stops = new ArrayList<>(request.stop());
    int[] prompt =
        switch (request.prompt()) {
          case Prompt.Text(String written) -> tokenizer.encode(written);
          case Prompt.Tokens(List<Integer> ids) -> requireKnown(ids, model.vocab());
          case Prompt.Chat chat -> {
            ChatTranscript transcript = ChatTranscript.of(chat);
            stops.addAll(transcript.stop());
            yield tokenizer.encode(transcript.text());
          }
        };
    if (prompt.length == 0) {
      prompt = new int[] {startOf(tokenizer)};
    }
    int limit = requireFitting(prompt.length, request, model.contextTokens());
    return new DecodeLoop(model, tokenizer, request, prompt, limit, stops);
  }

  private static int[] requireKnown(List<Integer> ids, int vocab) {
    for (int i = 0; i < ids.size(); i++) {
      int id = ids.get(i);
      if (id < 0 || id >= vocab) {
        throw new TantraException(
                ErrorKind.INVALID,
                "Token %d of the prompt is %d; the model's token ids go from 0 to %d."
                    .formatted(i, id, vocab - 1))
            .about("prompt");
      }
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int startOf(Tokenizer tokenizer) {
    OptionalInt start = tokenizer.startId();
    if (start.isEmpty()) {
      throw new TantraException(
              ErrorKind.INVALID,
              "The prompt is empty, and this model has no token to begin a text with. Send at least"
                  + " one character.")
          .about("prompt");
    }
    return start.getAsInt();
  }

  /// How many tokens may be added.
  private static int requireFitting(int prompt, TextRequest request, int context) {
    Integer wanted = request.maxTokens();
    int room = context - prompt;
    if (wanted == null && room > 0) {
      return room;
    }
    int least = wanted == null ? 1 : wanted;
    if (least <= room) {
      return least;
    }
    String message =
        prompt + (least == 0 ? 0 : 1) > context
            ? ("The prompt has %d tokens; the model's context holds %d, the answer's "
                    + "included. Shorten the prompt.")
                .formatted(prompt, context)
            : ("The prompt has %d tokens and max_tokens is %d; the model's context holds "
                    + "%d together. Shorten the prompt, or ask for at most %d tokens.")
                .formatted(prompt, least, context, room);
    throw new TantraException(ErrorKind.INVALID, message)
        .about(request.prompt() instanceof Prompt.Chat ? "messages" : "prompt")
        .withCode("context_length_exceeded");
  }

  @Override
  public Optional<Piece> next() {
    if (finishReason != null) {
      return Optional.empty();
    }
    if (closed) {
      throw new IllegalStateException("the generation is closed");
    }
    try {
      return step();
    } catch (TantraException e) {
      if (cancelled && e.kind() == ErrorKind.CANCELLED) {
        return finish(FinishReason.CANCELLED, "");
      }
      throw e;
    }
  }

  private Optional<Piece> step() {
    if (cancelled) {
      return finish(FinishReason.CANCELLED, "");
    }
    if (limit == 0 && !request.scorePrompt()) {
      return finish(FinishReason.LENGTH, "");
    }
    float[] logits = session == null ? prefill() : decode(session);
    if (limit == 0) {
      return finish(FinishReason.LENGTH, "");
    }
    int id = sampler.next(logits);
    if (tokenizer.endIds().contains(id)) {
      return finish(FinishReason.STOP, text.finish());
    }
    lastToken = id;
    completionTokens++;
    Token token = request.topLogprobs() < 0 ? report.plain(id) : report.scored(id, logits);
    String certain = text.add(tokenizer.bytes(id));
    if (text.stopped()) {
      end(FinishReason.STOP);
    } else if (completionTokens == limit) {
      certain += text.finish();
      end(FinishReason.LENGTH);
    }
    return Optional.of(new Piece(certain, List.of(token)));
  }

  private float[] prefill() {
    Session begun = model.begin();
    session = begun;
    sampler.seePrompt(prompt);
    if (!request.scorePrompt()) {
      return begun.append(prompt, () -> cancelled);
    }
    float[] last = new float[model.vocab()];
    List<Token> scored = new ArrayList<>(prompt.length);
    scored.add(report.plain(prompt[0]));
    begun.append(
        prompt,
        () -> cancelled,
        (index, logits) -> {
          if (index + 1 < prompt.length) {
            scored.add(report.scored(prompt[index + 1], logits));
          } else {
            System.arraycopy(logits, 0, last, 0, last.length);
          }
        });
    promptTokens.addAll(scored);
    return last;
  }

  private float[] decode(Session running) {
    return running.append(new int[] {lastToken}, () -> cancelled);
  }

  /// Ends the answer, releasing text that was withheld.
  private Optional<Piece> finish(FinishReason reason, String withheld) {
    end(reason);
    return withheld.isEmpty() ? Optional.empty() : Optional.of(new Piece(withheld, List.of()));
  }

  private void end(FinishReason reason) {
    finishReason = reason;
    closeSession();
  }

  private void closeSession() {
    if (session != null) {
      measures = session.measures();
      session.close();
      session = null;
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public FinishReason finishReason() {
    if (finishReason == null) {
      throw new IllegalStateException("the generation has not ended");
    }
    return finishReason;
  }

  @Override
  public Usage usage() {
    return new Usage(
        prompt.length, completionTokens, session == null ? measures : session.measures());
  }

  @Override
  public List<Token> promptTokens() {
    return List.copyOf(promptTokens);
  }

  @Override
  public void close() {
    closed = true;
    closeSession();
  }
}
