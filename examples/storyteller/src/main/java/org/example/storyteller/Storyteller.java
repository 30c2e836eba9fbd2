package org.example.storyteller;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.tantra.api.ErrorKind;
import org.tantra.api.Generation;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TantraException;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRequest;

/// The capability: checks a request and begins a story. The prompt and the seed choose the story;
/// the other sampling values ask about logits, which a grammar does not have.
record Storyteller(Grammar grammar) implements TextGeneration {
  private static final int CONTEXT_TOKENS = 8192;

  @Override
  public int contextTokens() {
    return CONTEXT_TOKENS;
  }

  @Override
  public int vocab() {
    return grammar.vocab();
  }

  @Override
  public List<Integer> tokenize(String text) {
    return Arrays.stream(text.split("\\s+")).map(grammar::id).toList();
  }

  @Override
  public Generation generate(TextRequest request) {
    List<Integer> prompt = ids(request.prompt());
    requireKnown(prompt, "prompt");
    requireKnown(request.sampling().logitBias().keySet(), "logit_bias");
    if (request.scorePrompt() || !request.sampling().logitBias().isEmpty()) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED, "The storyteller has no logits to score or to bias.");
    }
    int room = CONTEXT_TOKENS - prompt.size();
    int limit = request.maxTokens() != null ? request.maxTokens() : Math.max(1, room);
    if (limit > room) {
      throw new TantraException(
              ErrorKind.INVALID,
              "The prompt has %d tokens and max_tokens is %d; the storyteller's context holds %d together. Shorten the prompt or ask for less."
                  .formatted(prompt.size(), limit, CONTEXT_TOKENS))
          .about("prompt")
          .withCode("context_length_exceeded");
    }
    return new StoryGeneration(grammar, request, prompt.size(), limit, random(request, prompt));
  }

  /// Same request and seed, same story. No seed draws one, and temperature 0 leaves nothing to
  /// draw.
  private static RandomGenerator random(TextRequest request, List<Integer> prompt) {
    Sampling sampling = request.sampling();
    Long seed = sampling.temperature() == 0 ? Long.valueOf(0) : sampling.seed();
    return seed == null ? new SplittableRandom() : new SplittableRandom(seed ^ prompt.hashCode());
  }

  private List<Integer> ids(Prompt prompt) {
    return switch (prompt) {
      case Prompt.Text(String text) -> tokenize(text);
      case Prompt.Tokens(List<Integer> ids) -> ids;
      case Prompt.Chat(List<Prompt.Message> messages) ->
          tokenize(messages.stream().map(Storyteller::text).collect(Collectors.joining("\n")));
    };
  }

  private static String text(Prompt.Message message) {
    if (message.parts().stream().anyMatch(Prompt.MediaPart.class::isInstance)) {
      throw new TantraException(ErrorKind.UNSUPPORTED, "The storyteller reads text only.")
          .about("messages");
    }
    return message.text();
  }

  private void requireKnown(Iterable<Integer> ids, String subject) {
    for (int id : ids) {
      if (id < 0 || id >= vocab()) {
        throw new TantraException(
                ErrorKind.INVALID,
                "%s names token %d; the storyteller's token ids go from 0 to %d."
                    .formatted(subject, id, vocab() - 1))
            .about(subject);
      }
    }
  }
}
