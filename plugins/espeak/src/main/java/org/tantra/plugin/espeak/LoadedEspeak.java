package org.tantra.plugin.espeak;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.tantra.api.Answer;
import org.tantra.api.Cancellation;
import org.tantra.api.Capability;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedModel;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.TantraException;
import org.tantra.media.Sound;
import org.tantra.media.Sounds;
import org.tantra.nn.audio.TimeStretch;
import org.tantra.nn.speech.SpokenAnswer;

/// The program's voices as a capability.
final class LoadedEspeak implements LoadedModel, SpeechSynthesis {
  /// What the program prints, whichever voice.
  private static final int SAMPLE_RATE_HZ = 22_050;

  private static final int WORDS_PER_MINUTE = 175;
  private static final int SLOWEST = 80;
  private static final int FASTEST = 450;

  private static final int BLOCK = 1 << 14;

  private final EspeakProgram program;
  private final List<Voice> voices;
  private final String version;

  LoadedEspeak(EspeakProgram program, List<Voice> voices, String version) {
    this.program = program;
    this.voices = List.copyOf(voices);
    this.version = version;
  }

  @Override
  public int sampleRateHz() {
    return SAMPLE_RATE_HZ;
  }

  @Override
  public List<Voice> voices() {
    return voices;
  }

  @Override
  public Answer<Speech> speak(Request request) {
    Voice voice = SpokenAnswer.voice(request, voices);
    if (request.text().codePoints().noneMatch(Character::isLetterOrDigit)) {
      throw SpokenAnswer.nothingToSay(request.text());
    }
    return new SpokenAnswer(
        request.text(),
        (sentence, cancellation) -> say(sentence, voice, request.speed(), cancellation));
  }

  private float[] say(String sentence, Voice voice, double speed, Cancellation cancellation) {
    // Beyond what the program can, samples are stretched.
    int pace = Math.clamp(Math.round(WORDS_PER_MINUTE * speed), SLOWEST, FASTEST);
    byte[] wav =
        program.run(
            List.of("-v", voice.id(), "-s", Integer.toString(pace), "--stdin", "--stdout"),
            sentence.getBytes(UTF_8),
            cancellation);
    double left = WORDS_PER_MINUTE * speed / pace;
    return TimeStretch.apply(samples(wav), SAMPLE_RATE_HZ, Math.abs(left - 1) < 0.01 ? 1 : left);
  }

  private float[] samples(byte[] wav) {
    Sound sound = open(wav);
    if (sound.sampleRateHz() != SAMPLE_RATE_HZ || sound.channels() != 1) {
      throw notSpeech(
          "%d samples a second in %d channels; %d in one were expected"
              .formatted(sound.sampleRateHz(), sound.channels(), SAMPLE_RATE_HZ));
    }
    float[] samples = new float[BLOCK];
    float[] block = new float[BLOCK];
    int length = 0;
    for (int count; (count = sound.read(block, BLOCK)) > 0; length += count) {
      if (length + count > samples.length) {
        samples = Arrays.copyOf(samples, 2 * samples.length);
      }
      System.arraycopy(block, 0, samples, length, count);
    }
    return Arrays.copyOf(samples, length);
  }

  private Sound open(byte[] wav) {
    try {
      return Sounds.open(MemorySegment.ofArray(wav));
    } catch (TantraException e) {
      throw notSpeech(e.getMessage());
    }
  }

  private TantraException notSpeech(String what) {
    return new TantraException(
        ErrorKind.INTERNAL, "'" + program.file() + "' printed no speech: " + what + ".");
  }

  /// Nothing: the voices are the program's.
  @Override
  public long residentBytes() {
    return 0;
  }

  @Override
  public <T extends Capability> Optional<T> as(Class<T> capability) {
    return capability == SpeechSynthesis.class
        ? Optional.of(capability.cast(this))
        : Optional.empty();
  }

  /// The program's version, without where it lies.
  @Override
  public String fingerprint() {
    return version.replaceAll("\\s+Data at:.*", "").replaceAll("[^A-Za-z0-9.]+", "-");
  }

  @Override
  public void close() {}
}
