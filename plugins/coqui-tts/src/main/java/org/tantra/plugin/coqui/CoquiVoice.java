package org.tantra.plugin.coqui;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Answer;
import org.tantra.api.Cancellation;
import org.tantra.api.SpeechSynthesis;
import org.tantra.nn.audio.TimeStretch;
import org.tantra.nn.speech.Sentences;
import org.tantra.nn.speech.SpokenAnswer;

/// The capability: text to ids, ids to mel frames, mel frames to samples, sentence by sentence.
///
/// Tacotron 2 has no tempo of its own to set, so another speed is made from the samples, with the
/// pitch kept.
final class CoquiVoice implements SpeechSynthesis {
  /// Silence after a sentence, as the reference implementation has it.
  private static final int PAUSE_SAMPLES = 10_000;

  /// The released model may not find its end and babble on. Natural speech takes 5 to 8 frames of a
  /// hundredth of a second a character; a sentence that has had five times that has lost its way.
  private static final int FRAMES_PER_CHARACTER = 40;

  private static final int FRAMES_PER_SENTENCE = 200;

  private final CharacterIds characters;
  private final TacotronNetwork network;
  private final AudioConfig audio;
  private final MelAudio.@Nullable BandStatistics statistics;
  private final Vocoder vocoder;
  private final List<Voice> voices;

  CoquiVoice(
      CharacterIds characters,
      TacotronNetwork network,
      AudioConfig audio,
      MelAudio.@Nullable BandStatistics statistics,
      Vocoder vocoder,
      Voice voice) {
    this.characters = characters;
    this.network = network;
    this.audio = audio;
    this.statistics = statistics;
    this.vocoder = vocoder;
    this.voices = List.of(voice);
  }

  @Override
  public int sampleRateHz() {
    return vocoder.sampleRateHz();
  }

  @Override
  public List<Voice> voices() {
    return voices;
  }

  @Override
  public Answer<Speech> speak(Request request) {
    SpokenAnswer.voice(request, voices);
    String text = request.text();
    if (Sentences.of(text).stream().noneMatch(sentence -> characters.of(sentence).length > 0)) {
      throw SpokenAnswer.nothingToSay(text);
    }
    return new SpokenAnswer(
        text, (sentence, cancellation) -> say(sentence, request.speed(), cancellation));
  }

  private float[] say(String sentence, double speed, Cancellation cancellation) {
    int[] ids = characters.of(sentence);
    if (ids.length == 0) {
      return new float[0];
    }
    long frames = FRAMES_PER_SENTENCE + (long) FRAMES_PER_CHARACTER * ids.length;
    int steps = Math.toIntExact(Math.min(Integer.MAX_VALUE, frames / network.reduction()));
    float[] mel = network.decode(ids, steps, TacotronNetwork.StepTrace.NONE, cancellation).mel();
    float[] samples = new MelAudio(audio, statistics).trimmed(vocoder.apply(mel, cancellation));
    float[] paced = TimeStretch.apply(samples, sampleRateHz(), speed);
    return Arrays.copyOf(paced, paced.length + PAUSE_SAMPLES);
  }
}
