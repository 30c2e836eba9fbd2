package org.tantra.nn.text;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.List;
import org.tantra.api.Generation;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRequest;

/// The [TextGeneration] capability of a network and a tokenizer: what a model plugin answers in
/// `LoadedModel.as(TextGeneration.class)`. Safe from any thread.
public final class TextGenerator implements TextGeneration {
  private final LanguageModel model;
  private final Tokenizer tokenizer;

  /// @throws IllegalArgumentException if the tokenizer has ids beyond the model's vocabulary
  public TextGenerator(LanguageModel model, Tokenizer tokenizer) {
    this.model = requireNonNull(model, "model");
    this.tokenizer = requireNonNull(tokenizer, "tokenizer");
    if (tokenizer.vocab() > model.vocab()) {
      throw new IllegalArgumentException(
          "the tokenizer has ids below "
              + tokenizer.vocab()
              + ", the model only below "
              + model.vocab());
    }
  }

  @Override
  public int contextTokens() {
    return model.contextTokens();
  }

  @Override
  public int vocab() {
    return model.vocab();
  }

  @Override
  public List<Integer> tokenize(String text) {
    return Arrays.stream(tokenizer.encode(text)).boxed().toList();
  }

  @Override
  public Generation generate(TextRequest request) {
    return DecodeLoop.start(model, tokenizer, request);
  }
}
