package org.tantra.media;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.testkit.Fixture;

/// FLAC and MP3 against what libsndfile decodes from the same files, Opus against libopus.
final class CodedSoundTest {
  private static byte[] bytes(String name) throws IOException {
    return Files.readAllBytes(Fixture.of("golden/" + name).path());
  }

  private static Sound open(byte[] file) {
    return Sounds.open(MemorySegment.ofArray(file));
  }

  private static float[] all(Sound sound) {
    float[] block = new float[1000 * sound.channels()];
    float[] all = {};
    for (int n; (n = sound.read(block, 1000)) > 0; ) {
      int before = all.length;
      all = Arrays.copyOf(all, before + n * sound.channels());
      System.arraycopy(block, 0, all, before, n * sound.channels());
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"stereo16", "mono24", "mono8", "six16"})
  void flacGivesTheVerySamples(String name) throws IOException {
    Sound flac = open(bytes("flac/" + name + ".flac"));
    Sound wav = open(bytes("flac/" + name + ".wav"));
    assertEquals(wav.sampleRateHz(), flac.sampleRateHz());
    assertEquals(wav.channels(), flac.channels());
    assertArrayEquals(all(wav), all(flac));
  }

  @Test
  void flacBehindATagIsTheSame() throws IOException {
    byte[] flac = bytes("flac/mono24.flac");
    byte[] tagged = new byte[30 + flac.length];
    System.arraycopy(new byte[] {'I', 'D', '3', 4, 0, 0, 0, 0, 0, 20}, 0, tagged, 0, 10);
    System.arraycopy(flac, 0, tagged, 30, flac.length);
    assertArrayEquals(all(open(flac)), all(open(tagged)));
  }

  @ParameterizedTest
  @CsvSource({
    "mp3/mono16k, mp3, 50",
    "mp3/stereo44k, mp3, 50",
    "mp3/mono24k, mp3, 50",
    "opus/mono16k, opus, 40",
    "opus/stereo48k, opus, 40"
  })
  void lossySoundIsTheSame(String name, String ending, double leastDb) throws IOException {
    Sound coded = open(bytes(name + "." + ending));
    Sound wav = open(bytes(name + ".wav"));
    assertEquals(wav.sampleRateHz(), coded.sampleRateHz());
    assertEquals(wav.channels(), coded.channels());
    float[] expected = all(wav);
    float[] actual = all(coded);
    assertEquals(expected.length, actual.length);
    double signal = 0;
    double noise = 0;
    for (int i = 0; i < expected.length; i++) {
      signal += (double) expected[i] * expected[i];
      noise += Math.pow((double) actual[i] - expected[i], 2);
    }
    double db = 10 * Math.log10(signal / noise);
    assertTrue(db > leastDb, db + " dB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"flac/stereo16.flac", "mp3/mono16k.mp3"})
  void everyCutIsReadOrRefusedWithAReason(String name) throws IOException {
    byte[] file = bytes(name);
    int whole = all(open(file)).length;
    for (int length = 0; length < file.length; length += 61) {
      readOrRefused(Arrays.copyOf(file, length), whole);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"flac/stereo16.flac", "flac/six16.flac", "mp3/stereo44k.mp3"})
  void damagedFilesEndInAResultOrAnError(String name) throws IOException {
    byte[] file = bytes(name);
    Random random = new Random(11);
    for (int i = 0; i < 120; i++) {
      byte[] damaged = file.clone();
      for (int k = 0; k < 4; k++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      readOrRefused(damaged, Integer.MAX_VALUE);
    }
  }

  private static void readOrRefused(byte[] file, int most) {
    try {
      assertTrue(all(open(file)).length <= most);
    } catch (TantraException e) {
      assertTrue(e.kind() == ErrorKind.INVALID || e.kind() == ErrorKind.UNSUPPORTED, e.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"FORM....AIFF", "\0\0\0\040ftypM4A "})
  void otherKindsAreRefusedByName(String content) {
    TantraException e =
        assertThrows(TantraException.class, () -> open(content.getBytes(ISO_8859_1)));
    assertEquals(ErrorKind.UNSUPPORTED, e.kind());
    assertEquals("audio", e.subject());
  }
}
