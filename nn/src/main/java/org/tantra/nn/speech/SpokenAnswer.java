package org.tantra.nn.speech;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.tantra.api.Answer;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.SpeechSynthesis.Speech;
import org.tantra.api.SpeechSynthesis.Voice;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.TensorView;

/// A text being spoken sentence by sentence: each is computed when it is asked for.
public final class SpokenAnswer implements Answer<Speech> {
  private final Iterator<String> sentences;
  private final Speaker speaker;
  private volatile boolean cancelled;

  /// Says one sentence.
  @FunctionalInterface
  public interface Speaker {
    /// @param cancellation looked at often enough that the answer ends soon after it was cancelled
    /// @return mono samples from -1 to 1; none if nothing in the sentence can be spoken
    float[] say(String sentence, Cancellation cancellation);
  }

  /// @throws TantraException `INVALID` if nothing in the text can be spoken
  public SpokenAnswer(String text, Speaker speaker) {
    List<String> pieces = Sentences.of(text);
    if (pieces.isEmpty()) {
      throw nothingToSay(text);
    }
    this.sentences = pieces.iterator();
    this.speaker = speaker;
  }

  /// The refusal of a text in which nothing can be spoken.
  public static TantraException nothingToSay(String text) {
    return new TantraException(
            ErrorKind.INVALID,
            text.isBlank()
                ? "The text is empty. Give at least one word to say."
                : "Nothing in the text can be spoken: it holds no letters or digits that this voice"
                    + " knows. Give at least one word.")
        .about("input");
  }

  /// The voice a request asks for.
  ///
  /// @throws TantraException `INVALID` if there is no such voice, naming those there are
  public static Voice voice(SpeechSynthesis.Request request, List<Voice> voices) {
    String wanted = request.voice();
    if (wanted == null) {
      return voices.getFirst();
    }
    return voices.stream()
        .filter(voice -> voice.id().equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new TantraException(
                        ErrorKind.INVALID,
                        "There is no voice '%s'. There are: %s."
                            .formatted(
                                wanted.length() > 60 ? wanted.substring(0, 60) + "…" : wanted,
                                String.join(", ", voices.stream().map(Voice::id).toList())))
                    .about("voice"));
  }

  @Override
  public Optional<Speech> next() {
    while (!cancelled && sentences.hasNext()) {
      String sentence = sentences.next();
      float[] samples;
      try {
        samples = speaker.say(sentence, () -> cancelled);
      } catch (TantraException e) {
        if (e.kind() == ErrorKind.CANCELLED) {
          break;
        }
        throw e;
      }
      if (samples.length > 0 && !cancelled) {
        return Optional.of(new Speech(sentence, TensorView.of(samples, samples.length)));
      }
    }
    return Optional.empty();
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public void close() {
    cancelled = true;
  }
}
