package org.tantra.host.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TextRequest;
import org.tantra.host.config.Configurations;
import org.tantra.host.config.ServeConfig;

/// Reads the body of `POST /v1/completions`.
final class CompletionRequest {
  private static final int MAXIMUM_LOGPROBS = 100;

  /// OpenAI's.
  private static final int STANDARD_MAX_TOKENS = 16;

  private CompletionRequest() {}

  /// @param ask what to ask the host
  /// @param echo whether each choice begins with its prompt
  record Read(Ask ask, boolean echo) {}

  /// @param configs what models add when fields are not there
  static Read read(Fields fields, Configurations configs) {
    String model = Ask.model(fields);
    ServeConfig serving = configs.serving(model);
    List<Prompt> prompts = prompts(fields);
    boolean stream = fields.flag("stream", false);
    boolean includeUsage = Ask.includeUsage(fields, stream);
    boolean echo = fields.flag("echo", false);
    if (fields.holds("suffix") && !"".equals(fields.text("suffix"))) {
      throw fields.unsupported(
          "suffix",
          "No model of this host fills in between prompt and suffix; leave 'suffix' away.");
    }
    int n = fields.integer("n", 1, 1, SamplingFields.MAXIMUM_CHOICES);
    int bestOf = fields.integer("best_of", n, 1, SamplingFields.MAXIMUM_CHOICES);
    if (bestOf < n) {
      throw fields.refuse("best_of", "'best_of' is " + bestOf + ", fewer than 'n', " + n + ".");
    }
    if (bestOf > n && stream) {
      throw fields.refuse(
          "best_of", "'best_of' cannot be streamed: the best is known only at the end.");
    }
    if ((long) prompts.size() * bestOf > SamplingFields.MAXIMUM_CHOICES) {
      throw fields.refuse(
          "prompt",
          prompts.size()
              + " prompts with "
              + bestOf
              + " choices each are too many; at most "
              + SamplingFields.MAXIMUM_CHOICES
              + " choices are computed for one request.");
    }
    boolean logprobs = fields.value("logprobs") != null;
    int top = fields.integer("logprobs", 0, 0, MAXIMUM_LOGPROBS);
    int maxTokens =
        fields.integer(
            "max_tokens", serving.maxTokensOr(STANDARD_MAX_TOKENS), 0, Integer.MAX_VALUE);
    Sampling sampling = SamplingFields.sampling(fields, serving);
    List<String> stop = SamplingFields.stop(fields);

    List<TextRequest> choices = new ArrayList<>();
    for (Prompt prompt : prompts) {
      // The prompt's own tokens are also how a prompt of token ids becomes text again.
      boolean score = echo && (logprobs || prompt instanceof Prompt.Tokens);
      for (int i = 0; i < bestOf; i++) {
        choices.add(
            new TextRequest(
                prompt,
                maxTokens,
                SamplingFields.ofChoice(sampling, i),
                stop,
                logprobs || score || bestOf > n ? top : -1,
                score));
      }
    }
    refuseTooManyLogprobs(fields, choices);
    Ask ask =
        new Ask(model, choices, n, bestOf, Ask.fallback(fields), stream, includeUsage, logprobs);
    return new Read(ask, echo);
  }

  /// Prompts are scored before anything is sent, so what they will need is bounded beforehand; a
  /// text counts as one token per character, more than it will have.
  private static void refuseTooManyLogprobs(Fields fields, List<TextRequest> choices) {
    long logprobs = 0;
    for (TextRequest choice : choices) {
      if (choice.scorePrompt()) {
        long tokens =
            switch (choice.prompt()) {
              case Prompt.Text(String text) -> text.length();
              case Prompt.Tokens(List<Integer> ids) -> ids.size();
              case Prompt.Chat _ -> throw new IllegalStateException("completions hold no chat");
            };
        logprobs += tokens * (Math.max(choice.topLogprobs(), 0) + 1);
      }
    }
    if (logprobs > Ask.MAXIMUM_LOGPROBS) {
      throw fields.refuse(
          "logprobs",
          "Echoing the prompts would take "
              + logprobs
              + " log-probabilities (choices times prompt length times 'logprobs' + 1); at most "
              + Ask.MAXIMUM_LOGPROBS
              + " are computed for one request. Send fewer or shorter prompts, or ask for fewer"
              + " 'logprobs' or choices.");
    }
  }

  private static List<Prompt> prompts(Fields fields) {
    JsonNode prompt = fields.value("prompt");
    if (prompt == null) {
      throw fields.missing("prompt");
    }
    if (prompt.isTextual()) {
      return List.of(new Prompt.Text(prompt.textValue()));
    }
    if (!prompt.isArray() || prompt.isEmpty()) {
      throw fields.wrong("prompt", "a text, texts, token ids or lists of token ids");
    }
    if (prompt.get(0).isNumber()) {
      return List.of(tokens(fields, "prompt", prompt));
    }
    List<Prompt> prompts = new ArrayList<>(prompt.size());
    for (int i = 0; i < prompt.size(); i++) {
      JsonNode one = prompt.get(i);
      String name = "prompt[" + i + "]";
      if (one.isTextual()) {
        prompts.add(new Prompt.Text(one.textValue()));
      } else if (one.isArray()) {
        prompts.add(tokens(fields, name, one));
      } else {
        throw fields.wrong(name, one, "a text or a list of token ids");
      }
    }
    return prompts;
  }

  private static Prompt tokens(Fields fields, String name, JsonNode ids) {
    List<Integer> tokens = new ArrayList<>(ids.size());
    for (int i = 0; i < ids.size(); i++) {
      String place = name + "[" + i + "]";
      long id = fields.whole(place, ids.get(i));
      if (id < 0 || id > Integer.MAX_VALUE) {
        throw fields.refuse(place, "'" + place + "' is " + id + ", not a token id.");
      }
      tokens.add((int) id);
    }
    return new Prompt.Tokens(tokens);
  }
}
