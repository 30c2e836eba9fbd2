package org.tantra.host.resolve;

import static java.util.Objects.requireNonNull;

import org.tantra.api.Transcription;

/// A transcription, as doors see it.
record RunningTranscript(RunningAnswer<Transcription.Segment, Transcription.Running> running)
    implements RunningAnswer.View<Transcription.Segment, Transcription.Running>, TranscriptAnswer {
  @Override
  public String language() {
    return running.ask(it -> requireNonNull(it.language(), "language() gave null"));
  }

  @Override
  public double durationSeconds() {
    return running.ask(Transcription.Running::durationSeconds);
  }

  @Override
  public double doneSeconds() {
    return running.ask(Transcription.Running::doneSeconds);
  }
}
