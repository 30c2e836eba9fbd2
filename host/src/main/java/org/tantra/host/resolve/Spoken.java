package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.tantra.api.Answer;
import org.tantra.api.SpeechSynthesis;

/// Speech under way, and at which rate it plays.
record Spoken(Answer<SpeechSynthesis.Speech> speech, int sampleRateHz)
    implements Answer<SpeechSynthesis.Speech> {
  static Spoken begin(SpeechSynthesis synthesis, SpeechSynthesis.Request request) {
    return new Spoken(
        requireNonNull(synthesis.speak(request), "speak() gave null"), synthesis.sampleRateHz());
  }

  @Override
  public Optional<SpeechSynthesis.Speech> next() {
    return speech.next();
  }

  @Override
  public void cancel() {
    speech.cancel();
  }

  @Override
  public void close() {
    speech.close();
  }
}
