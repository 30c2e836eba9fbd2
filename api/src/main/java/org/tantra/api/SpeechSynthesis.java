package org.tantra.api;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorView;

/// Capability: speaks a text.
public interface SpeechSynthesis extends Capability {
  /// Samples per second of everything this model says.
  int sampleRateHz();

  /// The voices there are, at least one; the first is the default.
  List<Voice> voices();

  /// Starts one request: checks it, but computes nothing yet. Each piece of the answer is spoken
  /// text that can be played while the next is computed, a sentence at most.
  ///
  /// @throws TantraException `INVALID` if the text is empty or holds nothing that can be spoken, or
  ///   the voice is unknown (naming the known ones)
  Answer<Speech> speak(Request request);

  /// What to say and how.
  ///
  /// @param text any length; split at sentences by the model
  /// @param voice id of a voice; null for the default
  /// @param speed 1 is the natural tempo, 2 twice as fast
  record Request(String text, @Nullable String voice, double speed) {
    /// @throws TantraException `INVALID` if the speed is outside 0.25 to 4
    public Request {
      requireNonNull(text, "text");
      if (!(speed >= 0.25 && speed <= 4)) {
        throw new TantraException(
                ErrorKind.INVALID, "speed is " + speed + "; it must be between 0.25 and 4.")
            .about("speed");
      }
    }

    /// The default voice at its natural tempo.
    public static Request of(String text) {
      return new Request(text, null, 1);
    }
  }

  /// One voice.
  ///
  /// @param id what requests call it
  /// @param title one line for people
  /// @param language BCP 47 tag, such as `en-US`
  record Voice(String id, String title, String language) {
    public Voice {
      requireNonNull(id, "id");
      requireNonNull(title, "title");
      requireNonNull(language, "language");
    }
  }

  /// A stretch of speech.
  ///
  /// @param text the part of the request it says
  /// @param samples F32 mono, `[samples]`, -1 to 1
  record Speech(String text, TensorView samples) {
    public Speech {
      requireNonNull(text, "text");
      if (samples.dtype() != DType.F32 || samples.shape().rank() != 1) {
        throw new IllegalArgumentException(
            "speech is F32 [samples], not " + samples.dtype() + " " + samples.shape());
      }
    }
  }
}
