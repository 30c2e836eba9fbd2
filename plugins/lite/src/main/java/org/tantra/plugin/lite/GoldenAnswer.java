package org.tantra.plugin.lite;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.tantra.api.ErrorKind;
import org.tantra.api.Generation;
import org.tantra.api.LoadedModel;
import org.tantra.api.Prompt;
import org.tantra.api.Sampling;
import org.tantra.api.TantraException;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRequest;

/// A prompt and how `text-lite` continues it at temperature 0, shipped in the jar as `golden.txt`:
/// the first line is the prompt, the second the continuation.
record GoldenAnswer(String prompt, String continuation) {
  private static final String FILE = "golden.txt";

  static GoldenAnswer read() {
    try (InputStream in = GoldenAnswer.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new TantraException(
            ErrorKind.CORRUPT,
            "The plugin's jar lacks '" + FILE + "'. Build or fetch the jar again.");
      }
      String[] lines = new String(in.readAllBytes(), UTF_8).split("\n", -1);
      return new GoldenAnswer(lines[0], lines[1]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @throws TantraException `INTERNAL` if the model continues the prompt in another way
  void compareWith(LoadedModel loaded) {
    TextGeneration text = loaded.as(TextGeneration.class).orElseThrow();
    String actual = answer(text);
    if (!actual.equals(continuation)) {
      throw new TantraException(
          ErrorKind.INTERNAL,
          "text-lite continues '%s' with '%s'; its golden answer is '%s'. Its corpus and '%s' do not belong together: build the jar again."
              .formatted(prompt, actual, continuation, FILE));
    }
  }

  private String answer(TextGeneration text) {
    TextRequest request = TextRequest.of(new Prompt.Text(prompt), null).with(Sampling.GREEDY);
    StringBuilder answer = new StringBuilder();
    try (Generation generation = text.generate(request)) {
      for (Optional<Generation.Piece> piece = generation.next();
          piece.isPresent();
          piece = generation.next()) {
        answer.append(piece.get().text());
      }
    }
    return answer.toString();
  }
}
