package org.tantra.plugin.whisper;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedModel;
import org.tantra.api.TantraException;
import org.tantra.api.Transcription;
import org.tantra.api.Transcription.Request;
import org.tantra.api.Transcription.Running;
import org.tantra.api.Transcription.Segment;
import org.tantra.media.WavWriter;
import org.tantra.testkit.GoldenCase;

/// The capability over the network of a golden case.
final class TranscriptionTest {
  private GoldenCase golden = GoldenCase.of(TranscriptionTest.class, "whisper-e2e-tiny");
  private LoadedModel loaded = new WhisperModel().load(golden);

  @BeforeEach
  void load() {
    close();
    golden = GoldenCase.of(getClass(), "whisper-e2e-tiny");
    loaded = new WhisperModel().load(golden);
  }

  @AfterEach
  void close() {
    loaded.close();
    golden.close();
  }

  private Transcription transcription() {
    return loaded.as(Transcription.class).orElseThrow();
  }

  private static List<Segment> all(Running running) {
    List<Segment> segments = new ArrayList<>();
    for (Optional<Segment> next = running.next(); next.isPresent(); next = running.next()) {
      segments.add(next.orElseThrow());
    }
    return segments;
  }

  private static Request request(MemorySegment audio, String language) {
    return new Request(audio, false, language, null, List.of(0.0), 1, false);
  }

  @Test
  void segmentsComeOutInOrderAndTheWorkIsSeenToGoOn() {
    try (Running running = transcription().transcribe(request(Recordings.noise(65), "en"))) {
      Segment first = running.next().orElseThrow();
      double early = running.doneSeconds();
      List<Segment> later = all(running);

      assertEquals(65, running.durationSeconds(), 1e-9);
      assertTrue(early > 0 && early < 65, early + " s");
      assertEquals(65, running.doneSeconds(), 1e-9);
      assertFalse(later.isEmpty());
      double start = first.startSeconds();
      int id = first.id();
      for (Segment segment : later) {
        assertTrue(segment.startSeconds() >= start, segment.toString());
        assertEquals(++id, segment.id());
        start = segment.startSeconds();
      }
    }
  }

  @Test
  void equalRequestsHaveEqualAnswersAlsoByChance() {
    MemorySegment audio = Recordings.noise(4);
    Request hot = new Request(audio, false, "en", null, List.of(0.9), 1, false);
    try (Running once = transcription().transcribe(hot);
        Running again = transcription().transcribe(hot)) {
      List<Segment> segments = all(once);
      assertFalse(segments.isEmpty());
      assertEquals(segments, all(again));
    }
  }

  @Test
  void languageIsFoundOut() {
    try (Running running = transcription().transcribe(Request.of(Recordings.noise(2)))) {
      running.next();
      assertTrue(transcription().languages().contains(running.language()), running.language());
    }
  }

  @Test
  void wordsFollowOneAnotherInsideTheirSegment() {
    Request words = new Request(Recordings.noise(6), false, "en", "Zoe", List.of(0.0), 1, true);
    try (Running running = transcription().transcribe(words)) {
      List<Segment> segments = all(running);
      assertTrue(segments.stream().anyMatch(segment -> !segment.words().isEmpty()));
      for (Segment segment : segments) {
        for (Transcription.Word word : segment.words()) {
          assertTrue(word.startSeconds() <= word.endSeconds(), segment.toString());
        }
      }
    }
  }

  @Test
  void beamsAndTranslationAnswer() {
    Request request = new Request(Recordings.noise(2), true, "de", null, List.of(0.0), 3, false);
    try (Running running = transcription().transcribe(request)) {
      assertFalse(all(running).isEmpty());
    }
  }

  @Test
  void cancelledAnswerEnds() {
    try (Running running = transcription().transcribe(request(Recordings.noise(65), "en"))) {
      assertTrue(running.next().isPresent());
      running.cancel();
      assertEquals(Optional.empty(), running.next());
    }
  }

  @Test
  void closedAnswerHasNothingMoreAndMayBeClosedAgain() {
    Running running = transcription().transcribe(request(Recordings.noise(3), "en"));
    running.next();
    running.close();
    running.close();
    assertEquals(Optional.empty(), running.next());
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "159", "160", "201", "16001"})
  void recordingsOfAnyLengthEndInAResult(int samples) {
    float[] sound = Arrays.copyOf(new float[] {0.5f, -0.5f, 0.25f}, samples);
    try (Running running = transcription().transcribe(Request.of(Recordings.wav(sound)))) {
      List<Segment> segments = all(running);
      assertEquals((double) samples / Recordings.RATE, running.durationSeconds(), 1e-9);
      assertEquals(samples >= 160, !segments.isEmpty());
    }
  }

  @Test
  void silenceEndsInAResult() {
    try (Running running = transcription().transcribe(Request.of(Recordings.silence(31)))) {
      all(running);
      assertEquals(31, running.doneSeconds(), 1e-9);
    }
  }

  @Test
  void manyChannelsAtAnotherRateAreHeard() {
    float[] sound = new float[6 * 44_100];
    for (int i = 0; i < sound.length; i++) {
      sound[i] = (float) Math.sin(i / 40.0);
    }
    MemorySegment file = MemorySegment.ofArray(WavWriter.fileFloat(sound, 44_100, 6));
    try (Running running = transcription().transcribe(request(file, "en"))) {
      all(running);
      assertEquals(1, running.durationSeconds(), 1e-4);
    }
  }

  @ParameterizedTest
  @CsvSource({"''", "not a sound at all, though long enough", "RIFF....WAVE"})
  void whatIsNoSoundIsTheCallersMistake(String content) {
    MemorySegment file = MemorySegment.ofArray(content.getBytes(UTF_8));
    try (Running running = transcription().transcribe(Request.of(file))) {
      TantraException e = assertThrows(TantraException.class, running::next);
      assertEquals(ErrorKind.INVALID, e.kind());
      assertEquals("audio", e.subject());
    }
  }

  @Test
  void unknownLanguageIsNamedAndKnownOnesHaveNames() {
    TantraException e =
        assertThrows(
            TantraException.class,
            () -> transcription().transcribe(request(Recordings.silence(1), "klingon")));
    assertEquals(ErrorKind.INVALID, e.kind());
    assertTrue(e.getMessage().contains("klingon"), e.getMessage());
    try (Running running = transcription().transcribe(request(Recordings.silence(1), "German"))) {
      assertEquals("de", running.language());
    }
  }

  @Test
  void languageThatWasNotLearnedIsUnsupported() {
    assertEquals(
        ErrorKind.UNSUPPORTED,
        assertThrows(
                TantraException.class,
                () -> transcription().transcribe(request(Recordings.silence(1), "yue")))
            .kind());
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    try (GoldenCase other =
        GoldenCase.of(getClass(), "whisper-e2e-tiny").withSetting("model", Map.of("best_of", 0))) {
      assertEquals(
          ErrorKind.INVALID,
          assertThrows(TantraException.class, () -> new WhisperModel().load(other)).kind());
    }
  }

  @Test
  void thresholdsMayBeOff() {
    try (GoldenCase other =
            GoldenCase.of(getClass(), "whisper-e2e-tiny")
                .withSetting(
                    "model",
                    Map.of("logprob_threshold", "off", "compression_ratio_threshold", "off"));
        LoadedModel lenient = new WhisperModel().load(other);
        Running running =
            lenient
                .as(Transcription.class)
                .orElseThrow()
                .transcribe(
                    new Request(Recordings.noise(2), false, "en", null, List.of(), 1, false))) {
      assertTrue(all(running).stream().allMatch(segment -> segment.temperature() == 0));
    }
  }
}
