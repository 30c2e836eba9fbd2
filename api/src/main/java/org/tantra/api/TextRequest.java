package org.tantra.api;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One request to continue text.
///
/// @param prompt what to continue
/// @param maxTokens most tokens to add; null for as many as the context holds; 0 scores the prompt
///   and adds nothing
/// @param sampling how the next token is chosen
/// @param stop texts that end the answer; they are not part of it
/// @param topLogprobs alternatives to report with each token's log-probability; -1 reports no
///   log-probabilities
/// @param scorePrompt whether the prompt's own tokens get log-probabilities too
public record TextRequest(
    Prompt prompt,
    @Nullable Integer maxTokens,
    Sampling sampling,
    List<String> stop,
    int topLogprobs,
    boolean scorePrompt) {

  /// @throws TantraException `INVALID`, naming the value at fault
  public TextRequest {
    requireNonNull(prompt, "prompt");
    requireNonNull(sampling, "sampling");
    stop = List.copyOf(stop);
    if (maxTokens != null && maxTokens < 0) {
      throw new TantraException(
              ErrorKind.INVALID, "max_tokens is " + maxTokens + "; it must be 0 or more.")
          .about("max_tokens");
    }
    if (stop.stream().anyMatch(String::isEmpty)) {
      throw new TantraException(
              ErrorKind.INVALID, "stop holds an empty text, which would end every answer at once.")
          .about("stop");
    }
    if (topLogprobs < -1 || topLogprobs > 100) {
      throw new TantraException(
              ErrorKind.INVALID,
              "top_logprobs is " + topLogprobs + "; it must be between 0 and 100.")
          .about("top_logprobs");
    }
  }

  /// A plain request: default sampling, no stop texts, no log-probabilities.
  public static TextRequest of(Prompt prompt, @Nullable Integer maxTokens) {
    return new TextRequest(prompt, maxTokens, Sampling.DEFAULT, List.of(), -1, false);
  }

  /// The same request with another sampling.
  public TextRequest with(Sampling other) {
    return new TextRequest(prompt, maxTokens, other, stop, topLogprobs, scorePrompt);
  }
}
