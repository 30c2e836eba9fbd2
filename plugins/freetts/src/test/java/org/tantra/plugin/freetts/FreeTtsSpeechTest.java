package org.tantra.plugin.freetts;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Answer;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedModel;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.SpeechSynthesis.Request;
import org.tantra.api.SpeechSynthesis.Speech;
import org.tantra.api.TantraException;
import org.tantra.testkit.TestLoadContext;

final class FreeTtsSpeechTest {
  private final LoadedModel loaded = new FreeTtsModel().load(TestLoadContext.empty());
  private final SpeechSynthesis speech = loaded.as(SpeechSynthesis.class).orElseThrow();

  @AfterEach
  void close() {
    loaded.close();
  }

  @Test
  void sentenceIsAudibleAndOfPlausibleLength() {
    float[] samples = samples(Request.of("The lighthouse keeper lit the lamp."));

    double seconds = (double) samples.length / speech.sampleRateHz();
    assertTrue(seconds > 1.2 && seconds < 4, () -> seconds + " s");
    double level = level(samples);
    assertTrue(level > 0.01 && level < 0.5, () -> "level " + level);
    // Speech crosses zero some hundred to a few thousand times a second; noise at 16 kHz does 8000
    // times, samples read in the wrong byte order about as often.
    double crossings = crossings(samples) / seconds;
    assertTrue(crossings > 200 && crossings < 4000, () -> crossings + " crossings a second");
  }

  @Test
  void voiceTakesWhatItSays() {
    samples(Request.of("What is made on first use is there."));
    long before = live();
    try (LoadedModel another = new FreeTtsModel().load(TestLoadContext.empty())) {
      long taken = live() - before;
      assertTrue(
          Math.abs(taken - DiphoneSpeaker.VOICE_BYTES) < taken / 4,
          () -> taken + " bytes taken, not " + DiphoneSpeaker.VOICE_BYTES);
      assertTrue(another.residentBytes() > taken);
    }
  }

  private static long live() {
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Test
  void eachSentenceIsAPiece() {
    List<Speech> pieces = pieces(Request.of("One. Dr. Who has two! And three?"));

    assertEquals(
        List.of("One.", "Dr. Who has two!", "And three?"),
        pieces.stream().map(Speech::text).toList());
  }

  @Test
  void doubleSpeedTakesAboutHalfTheTime() {
    String text = "A longer sentence shows the tempo of a voice better than a short one.";
    double normal = samples(Request.of(text)).length;
    double fast = samples(new Request(text, null, 2)).length;
    double slow = samples(new Request(text, null, 0.5)).length;

    assertTrue(fast / normal > 0.4 && fast / normal < 0.65, () -> "fast " + fast / normal);
    assertTrue(slow / normal > 1.6 && slow / normal < 2.4, () -> "slow " + slow / normal);
  }

  @Test
  void sameTextGivesSameSamplesOnSeveralThreads() throws Exception {
    Request request = Request.of("Several people speak at once.");
    float[] alone = samples(request);
    List<FutureTask<float[]>> runs = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      FutureTask<float[]> run = new FutureTask<>(() -> samples(request));
      runs.add(run);
      Thread.ofPlatform().start(run);
    }
    for (FutureTask<float[]> run : runs) {
      assertArrayEquals(alone, run.get());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  \n ", "?!...", "\u0000", "😀😀", "漢字"})
  void nothingToSayIsInvalid(String text) {
    TantraException refusal =
        assertThrows(TantraException.class, () -> speech.speak(Request.of(text)));
    assertEquals(ErrorKind.INVALID, refusal.kind());
    assertEquals("input", refusal.subject());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Hello 😀 world.",
        "Nul \u0000 inside.",
        "naïve café — “déjà vu” …",
        "x",
        "1234567890123456789012345678901234567890",
        "<a href='b'>&amp; \\ ^ ~ | {} $ % #",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      })
  void oddTextIsSpokenAsFarAsItCanBe(String text) {
    assertTrue(samples(Request.of(text)).length > 0);
  }

  @Test
  void unknownVoiceNamesTheKnownOnes() {
    TantraException refusal =
        assertThrows(TantraException.class, () -> speech.speak(new Request("Hello.", "alloy", 1)));
    assertEquals(ErrorKind.INVALID, refusal.kind());
    assertTrue(refusal.getMessage().contains("kevin16"), refusal.getMessage());
  }

  @Test
  void megabyteOfTextStartsAtOnceAndCanBeCancelled() {
    String text = "This goes on and on, without any end in sight. ".repeat(22_000);
    try (Answer<Speech> answer = speech.speak(Request.of(text))) {
      assertTrue(answer.next().isPresent());
      answer.cancel();
      assertEquals(Optional.empty(), answer.next());
    }
  }

  private float[] samples(Request request) {
    List<Speech> pieces = pieces(request);
    int length = pieces.stream().mapToInt(piece -> piece.samples().toFloats().length).sum();
    float[] all = new float[length];
    int at = 0;
    for (Speech piece : pieces) {
      float[] samples = piece.samples().toFloats();
      System.arraycopy(samples, 0, all, at, samples.length);
      at += samples.length;
    }
    return all;
  }

  private List<Speech> pieces(Request request) {
    List<Speech> pieces = new ArrayList<>();
    try (Answer<Speech> answer = speech.speak(request)) {
      for (Optional<Speech> piece = answer.next(); piece.isPresent(); piece = answer.next()) {
        pieces.add(piece.get());
      }
    }
    return pieces;
  }

  private static double level(float[] samples) {
    double sum = 0;
    for (float sample : samples) {
      sum += (double) sample * sample;
    }
    return Math.sqrt(sum / samples.length);
  }

  private static int crossings(float[] samples) {
    int count = 0;
    for (int i = 1; i < samples.length; i++) {
      count += samples[i - 1] < 0 != samples[i] < 0 ? 1 : 0;
    }
    return count;
  }
}
