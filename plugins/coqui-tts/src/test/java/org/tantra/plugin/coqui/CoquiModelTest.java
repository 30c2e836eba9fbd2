package org.tantra.plugin.coqui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.tantra.api.Answer;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedModel;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.SpeechSynthesis.Request;
import org.tantra.api.SpeechSynthesis.Speech;
import org.tantra.api.TantraException;
import org.tantra.api.TextGeneration;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.TestLoadContext;

/// Loading a voice and its vocoder, as the host does.
final class CoquiModelTest {
  private static final int PAUSE = 10_000;

  private static LoadedModel load(TestLoadContext context) {
    return new CoquiModel().load(context);
  }

  private static SpeechSynthesis voice(LoadedModel model) {
    return model.as(SpeechSynthesis.class).orElseThrow();
  }

  private static TantraException refused(TestLoadContext context) {
    return assertThrows(TantraException.class, () -> load(context));
  }

  @Test
  void sentencesAreSpokenOneByOneThroughTheVocoder() {
    try (LoadedModel model = load(TinyVoice.withVocoder());
        Answer<Speech> answer = voice(model).speak(Request.of("Hello there. And again."))) {
      Speech first = answer.next().orElseThrow();
      Speech second = answer.next().orElseThrow();
      assertEquals("Hello there.", first.text().strip());
      assertEquals("And again.", second.text().strip());
      assertEquals(Optional.empty(), answer.next());
      assertEquals(22_050, voice(model).sampleRateHz());
      // 2 to STEPS frames, and 5 more on each side that the vocoder repeats.
      long samples = first.samples().shape().elements() - PAUSE;
      assertTrue(
          samples >= 12 * 256 && samples <= (TinyVoice.STEPS + 10) * 256, samples + " samples");
      for (float sample : first.samples().toFloats()) {
        assertTrue(Math.abs(sample) <= 1, () -> "sample " + sample);
      }
    }
  }

  @Test
  void withoutVocoderAnotherMethodSpeaks() {
    try (LoadedModel model = load(TinyVoice.withoutVocoder())) {
      Speech speech = voice(model).speak(Request.of("Hello.")).next().orElseThrow();
      assertTrue(speech.samples().shape().elements() > PAUSE);
      assertEquals("1", model.fingerprint());
    }
  }

  @Test
  void bothCheckpointsCountAndAreNamed() {
    try (LoadedModel with = load(TinyVoice.withVocoder());
        LoadedModel without = load(TinyVoice.withoutVocoder())) {
      assertEquals("1+1", with.fingerprint());
      assertTrue(with.residentBytes() > without.residentBytes());
      assertTrue(without.residentBytes() > 4 * 50_000);
      assertTrue(with.as(TextGeneration.class).isEmpty());
    }
  }

  @Test
  void vocoderOfOtherBandsIsRefused() {
    Map<String, Object> config = TinyVoice.config("vocoder-small");
    config.put(
        "audio",
        Map.of("sample_rate", 22_050, "fft_size", 1024, "hop_length", 256, "num_mels", 40));
    TantraException e =
        refused(TinyVoice.withoutVocoder().withCheckpoint("vocoder", TinyVoice.checkpoint(config)));
    assertEquals(ErrorKind.CORRUPT, e.kind());
    assertTrue(e.getMessage().contains("40 mel bands"), e.getMessage());
  }

  @Test
  void checkpointsInEachOthersPlaceAreRefused() {
    PlannedCheckpoint vocoder = TinyVoice.checkpoint(TinyVoice.config("vocoder-small"));
    assertEquals(
        ErrorKind.CORRUPT, refused(TestLoadContext.empty().withCheckpoint(vocoder)).kind());
    assertEquals(
        ErrorKind.CORRUPT,
        refused(
                TinyVoice.withoutVocoder()
                    .withCheckpoint("vocoder", TinyVoice.checkpoint(TinyVoice.config("small"))))
            .kind());
  }

  @Test
  void textWithoutAnyKnownCharacterIsTheCallersMistake() {
    try (LoadedModel model = load(TinyVoice.withoutVocoder())) {
      for (String text : new String[] {"", "  ", "\u4e16\u754c"}) {
        TantraException e =
            assertThrows(TantraException.class, () -> voice(model).speak(Request.of(text)));
        assertEquals(ErrorKind.INVALID, e.kind());
      }
    }
  }
}
