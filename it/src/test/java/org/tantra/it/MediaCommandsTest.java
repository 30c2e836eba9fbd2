package org.tantra.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The launcher on a machine with nothing downloaded.
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "starts the launcher for Unix shells")
final class MediaCommandsTest {
  /// From the command to the written file, on a machine that does nothing else.
  private static final Duration PROMPT = Duration.ofSeconds(5);

  /// What two cores can compute within that time.
  private static final Duration WORK = PROMPT.multipliedBy(2);

  /// Above this share of its cores a machine keeps programs waiting.
  private static final double BUSY = 0.9;

  private static final int TRIES = 8;

  @TempDir Path home;

  private Launcher.Ended tantra(String... arguments) throws Exception {
    return Launcher.on(home).run(arguments);
  }

  @Test
  void freshHomeSpeaksAndSaysThatAStandInDoes() throws Exception {
    Path file = home.resolve("hello.wav");

    Launcher.Ended ended = tantra("speak", "Hello from Tantra.", "-o", file.toString());

    assertEquals(0, ended.code(), ended.err());
    assertTrue(ended.err().contains("freetts stands in for coqui_tts"), ended.err());
    assertTrue(ended.err().contains("no_weights"), ended.err());
    assertPrompt(ended, file);
    float[] samples = samples(file, 16_000);
    double seconds = samples.length / 16_000.0;
    assertTrue(seconds > 0.8 && seconds < 3, () -> seconds + " s");
    double level = Math.sqrt(power(samples));
    assertTrue(level > 0.01 && level < 0.5, () -> "level " + level);
    double low = share(samples, 80, 1000);
    double hiss = share(samples, 4000, 8000);
    assertTrue(low > 0.4, () -> "only " + low + " of the energy is where vowels are");
    assertTrue(hiss < 0.3, () -> hiss + " of the energy is hiss");
    double pitch = pitchHz(samples);
    assertTrue(pitch > 70 && pitch < 300, () -> "a voice of " + pitch + " Hz");
    try (Stream<Path> files = Files.list(home)) {
      assertFalse(
          files.anyMatch(it -> it.getFileName().toString().startsWith(".hello")),
          "the growing file is gone");
    }
  }

  /// On a busy machine what it computed counts. On another one it may have stalled once, so it
  /// speaks again, on a fresh home.
  private static void assertPrompt(Launcher.Ended first, Path file) throws Exception {
    Launcher.Ended ended = first;
    for (int tries = 1;
        ended.took().compareTo(PROMPT) > 0 && ended.busy() < BUSY && tries < TRIES;
        tries++) {
      Path fresh = file.resolveSibling("fresh" + tries);
      ended = Launcher.on(fresh).run("speak", "Hello from Tantra.", "-o", file.toString());
    }
    String what =
        "%s, of which it computed %s; cores in use: %.2f"
            .formatted(ended.took(), ended.work(), ended.busy());
    if (ended.busy() < BUSY) {
      assertTrue(ended.took().compareTo(PROMPT) <= 0, what);
    }
    assertTrue(ended.work().compareTo(WORK) <= 0, what);
  }

  @Test
  void textsAlwaysHaveVectors() throws Exception {
    Launcher.Ended ended = tantra("embed", "--json", "a text", "another text");

    assertEquals(0, ended.code(), ended.err());
    JsonNode document = new JsonMapper().readTree(ended.out());
    assertEquals(2, document.path("items").size());
    for (JsonNode item : document.path("items")) {
      double squares = 0;
      for (JsonNode value : item.path("embedding")) {
        squares += value.asDouble() * value.asDouble();
      }
      assertEquals(768, item.path("embedding").size());
      assertEquals(1, Math.sqrt(squares), 1e-3);
    }
  }

  @Test
  void brokenPicturesAreNamedAsSuch() throws Exception {
    Path file = home.resolve("picture.png");
    Files.writeString(file, "no picture");

    Launcher.Ended ended = tantra("embed", "--image", file.toString());

    assertEquals(2, ended.code(), ended.err());
    assertTrue(ended.err().contains("This is no picture that can be read"), ended.err());
  }

  private static float[] samples(Path file, int rate) throws IOException {
    ByteBuffer wav = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] tag = new byte[4];
    wav.get(tag);
    assertEquals("RIFF", new String(tag, UTF_8));
    assertEquals(wav.capacity() - 8, wav.getInt(4));
    assertEquals(rate, wav.getInt(24));
    assertEquals(wav.capacity() - 44, wav.getInt(40));
    float[] samples = new float[(wav.capacity() - 44) / 2];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = wav.getShort(44 + 2 * i) / 32768f;
    }
    return samples;
  }

  private static double power(float[] samples) {
    double sum = 0;
    for (float sample : samples) {
      sum += (double) sample * sample;
    }
    return sum / samples.length;
  }

  /// The share of the energy between two frequencies, by a Fourier transform of half a second in
  /// it.
  private static double share(float[] samples, int fromHz, int untilHz) {
    int n = 8_000;
    double all = 0;
    double inside = 0;
    for (int hz = 40; hz < 8_000; hz += 20) {
      double re = 0;
      double im = 0;
      for (int i = 0; i < n; i++) {
        double angle = 2 * Math.PI * hz * i / 16_000.0;
        re += samples[samples.length / 4 + i] * Math.cos(angle);
        im += samples[samples.length / 4 + i] * Math.sin(angle);
      }
      double energy = re * re + im * im;
      all += energy;
      inside += hz >= fromHz && hz < untilHz ? energy : 0;
    }
    return inside / all;
  }

  /// The pitch at which the speech repeats itself best.
  private static double pitchHz(float[] samples) {
    int best = 0;
    double highest = 0;
    for (int lag = 16_000 / 400; lag < 16_000 / 60; lag++) {
      double sum = 0;
      for (int i = 0; i + lag < samples.length; i++) {
        sum += (double) samples[i] * samples[i + lag];
      }
      if (sum > highest) {
        highest = sum;
        best = lag;
      }
    }
    return best == 0 ? 0 : 16_000.0 / best;
  }
}
