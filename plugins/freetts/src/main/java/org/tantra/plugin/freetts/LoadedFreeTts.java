package org.tantra.plugin.freetts;

import java.util.List;
import java.util.Optional;
import org.tantra.api.Answer;
import org.tantra.api.Capability;
import org.tantra.api.LoadedModel;
import org.tantra.api.SpeechSynthesis;
import org.tantra.nn.speech.SpokenAnswer;

/// The loaded voice and its capability.
final class LoadedFreeTts implements LoadedModel, SpeechSynthesis {
  private static final Voice KEVIN =
      new Voice("kevin16", "Kevin, American, diphones at 16 kHz", "en-US");

  private final DiphoneSpeaker speaker;

  LoadedFreeTts(DiphoneSpeaker speaker) {
    this.speaker = speaker;
  }

  @Override
  public int sampleRateHz() {
    return DiphoneSpeaker.SAMPLE_RATE_HZ;
  }

  @Override
  public List<Voice> voices() {
    return List.of(KEVIN);
  }

  @Override
  public Answer<Speech> speak(Request request) {
    SpokenAnswer.voice(request, voices());
    return new SpokenAnswer(
        EnglishText.readable(request.text()),
        (sentence, cancellation) -> speaker.say(sentence, request.speed(), cancellation));
  }

  @Override
  public long residentBytes() {
    return speaker.bytes();
  }

  @Override
  public <T extends Capability> Optional<T> as(Class<T> capability) {
    return capability == SpeechSynthesis.class
        ? Optional.of(capability.cast(this))
        : Optional.empty();
  }

  @Override
  public String fingerprint() {
    return "builtin";
  }

  @Override
  public void close() {
    speaker.close();
  }
}
