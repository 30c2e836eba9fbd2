package org.tantra.host.resolve;

import org.tantra.api.SpeechSynthesis;

/// Speech, as doors see it.
record RunningSpeech(RunningAnswer<SpeechSynthesis.Speech, Spoken> running)
    implements RunningAnswer.View<SpeechSynthesis.Speech, Spoken>, SpeechAnswer {
  @Override
  public int sampleRateHz() {
    return running.ask(Spoken::sampleRateHz);
  }
}
