package org.tantra.plugin.freetts;

import com.sun.speech.freetts.FreeTTSSpeakableImpl;
import com.sun.speech.freetts.OutputQueue;
import com.sun.speech.freetts.ProcessException;
import com.sun.speech.freetts.Token;
import com.sun.speech.freetts.Tokenizer;
import com.sun.speech.freetts.Utterance;
import com.sun.speech.freetts.Voice;
import com.sun.speech.freetts.en.us.cmu_us_kal.KevinVoiceDirectory;
import com.sun.speech.freetts.relp.LPCResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// FreeTTS's voice, asked one sentence at a time.
///
/// FreeTTS would play what it says on a thread of its own; here the queue to that thread is
/// replaced by one that keeps the samples, so there is no such thread and no audio device is
/// touched. The voice is not made for several threads: one sentence at a time is guarded by this.
final class DiphoneSpeaker implements AutoCloseable {
  static final int SAMPLE_RATE_HZ = 16_000;

  /// Words a minute at speed 1, the voice's own default.
  private static final float WORDS_PER_MINUTE = 150;

  /// Objects of a voice on the heap. A constant, because they are the library's, and only the
  /// collector can tell what they take; a test compares it with that.
  static final long VOICE_BYTES = 6_200_000;

  /// The dictionary and the rules, which the library's classes keep for all voices once there was
  /// one, and until the plugin is unloaded.
  private static final long SHARED_BYTES = 9_700_000;

  private static final int VOICE_16_KHZ = 1;

  private final Voice voice;
  private final Samples samples = new Samples();

  private DiphoneSpeaker(Voice voice) {
    this.voice = voice;
  }

  /// Reads the voice out of the jar.
  ///
  /// @throws TantraException `CORRUPT` if the jar lacks it
  static DiphoneSpeaker load() {
    try {
      DiphoneSpeaker speaker =
          new DiphoneSpeaker(new KevinVoiceDirectory().getVoices()[VOICE_16_KHZ]);
      speaker.voice.setOutputQueue(speaker.samples);
      speaker.voice.allocate();
      return speaker;
    } catch (RuntimeException | Error e) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "The voice in the plugin's jar cannot be read: " + e + ". Build or fetch the jar again.",
          e);
    }
  }

  /// The samples of one sentence, mono from -1 to 1.
  ///
  /// @param text printable ASCII
  synchronized float[] say(String text, double speed, Cancellation cancellation) {
    samples.clear();
    voice.setRate((float) (WORDS_PER_MINUTE * speed));
    for (List<Token> phrase : phrases(text)) {
      cancellation.check();
      Utterance utterance = new Utterance(voice, phrase);
      utterance.setSpeakable(new FreeTTSSpeakableImpl(text));
      try {
        voice.processUtterance(utterance);
      } catch (ProcessException e) {
        throw new TantraException(
            ErrorKind.INTERNAL, "FreeTTS could not say a sentence: " + e.getMessage() + ".", e);
      }
    }
    return samples.take();
  }

  /// The words of the text, cut where the voice wants to pause.
  private List<List<Token>> phrases(String text) {
    Tokenizer tokenizer = voice.getTokenizer();
    tokenizer.setInputText(text);
    List<List<Token>> phrases = new ArrayList<>();
    List<Token> phrase = new ArrayList<>();
    while (tokenizer.hasMoreTokens()) {
      Token token = tokenizer.getNextToken();
      if (!phrase.isEmpty() && tokenizer.isBreak()) {
        phrases.add(phrase);
        phrase = new ArrayList<>();
      }
      if (token.getWord() != null && !token.getWord().isEmpty()) {
        phrase.add(token);
      }
    }
    if (!phrase.isEmpty()) {
      phrases.add(phrase);
    }
    return phrases;
  }

  long bytes() {
    return VOICE_BYTES + SHARED_BYTES;
  }

  @Override
  public synchronized void close() {
    voice.deallocate();
  }

  /// Where the voice puts what it has said.
  private static final class Samples extends OutputQueue {
    private float[] held = new float[0];

    void clear() {
      held = new float[0];
    }

    float[] take() {
      return held;
    }

    @Override
    public synchronized void post(Utterance utterance) {
      // Of a phrase that holds no word, such as a lone bracket, nothing was said.
      if (!(utterance.getObject("target_lpcres") instanceof LPCResult said)) {
        return;
      }
      byte[] bytes = said.getWaveSamples();
      int before = held.length;
      held = Arrays.copyOf(held, before + bytes.length / 2);
      for (int i = 0; i < bytes.length / 2; i++) {
        int sample = (bytes[2 * i] << 8) | (bytes[2 * i + 1] & 0xff);
        held[before + i] = sample / 32768f;
      }
    }
  }
}
