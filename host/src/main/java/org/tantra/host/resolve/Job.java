package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.tantra.api.Answer;
import org.tantra.api.Capability;
import org.tantra.api.Generation;
import org.tantra.api.LoadedModel;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.Prompt;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.Task;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRecognition;
import org.tantra.api.TextRequest;
import org.tantra.api.Transcription;
import org.tantra.api.tensor.TensorView;

/// What a request wants done: who could do it, and how a loaded candidate begins. All that the
/// [Resolver] knows of the kinds of requests there are.
///
/// @param point among which extensions candidates are looked for
/// @param tasks ids of the tasks a candidate must have, all of them
/// @param doing what it is, for messages: `write text`
/// @param bound whether the request only makes sense to the model it names
/// @param start begins on a loaded candidate; nothing if that lacks the capability. Plugin code
record Job<A extends Answer<?>>(
    Point point,
    Set<String> tasks,
    String doing,
    boolean bound,
    Function<LoadedModel, Optional<A>> start) {

  /// Continues a text. Token ids belong to the tokenizer of the model that was named: another one
  /// would take them for other words.
  static Job<Generation> text(TextRequest request) {
    boolean speaksInTokenIds =
        request.prompt() instanceof Prompt.Tokens || !request.sampling().logitBias().isEmpty();
    return new Job<>(
        Point.MODEL,
        Set.of(Task.TEXT.id()),
        "write text",
        speaksInTokenIds,
        begin(TextGeneration.class, request, TextGeneration::generate, "generate()"));
  }

  /// Writes down what is said.
  static Job<Transcription.Running> transcription(Transcription.Request request) {
    return new Job<>(
        Point.MODEL,
        Set.of(Task.TRANSCRIPTION.id()),
        "write down speech",
        false,
        begin(Transcription.class, request, Transcription::transcribe, "transcribe()"));
  }

  /// Speaks a text.
  static Job<Spoken> speech(SpeechSynthesis.Request request) {
    return new Job<>(
        Point.MODEL,
        Set.of(Task.SPEECH.id()),
        "speak",
        false,
        begin(
            SpeechSynthesis.class,
            request,
            (synthesis, what) -> Spoken.begin(synthesis, what),
            "speak()"));
  }

  /// Reads the text in an image.
  static Job<Answer<TextRecognition.Recognition>> recognition(TextRecognition.Image image) {
    return new Job<>(
        Point.MODEL,
        Set.of(Task.OCR.id()),
        "read text in images",
        false,
        begin(
            TextRecognition.class,
            image,
            (recognition, what) ->
                new OneStep<>(
                    cancellation ->
                        requireNonNull(
                            recognition.recognize(what, cancellation), "recognize() gave null")),
            "recognize()"));
  }

  /// Encodes some items, all by the same encoder: vectors of two encoders say nothing about each
  /// other.
  static Job<Answer<List<TensorView>>> embedding(List<Media> items) {
    Set<Modality> modalities = items.stream().map(Media::modality).collect(Collectors.toSet());
    String kinds =
        modalities.stream()
            .sorted()
            .map(modality -> modality.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(" and "));
    return new Job<>(
        Point.ENCODER,
        modalities.stream().map(Task::embedding).map(Task::id).collect(Collectors.toSet()),
        "encode " + kinds,
        false,
        begin(
            Embedding.class,
            items,
            (embedding, what) -> new OneStep<>(cancellation -> embedding.embed(what, cancellation)),
            "embed()"));
  }

  private static <C extends Capability, Q, A extends Answer<?>>
      Function<LoadedModel, Optional<A>> begin(
          Class<C> capability, Q request, BiFunction<C, Q, A> start, String method) {
    return model ->
        model
            .as(capability)
            .map(able -> requireNonNull(start.apply(able, request), method + " gave null"));
  }
}
