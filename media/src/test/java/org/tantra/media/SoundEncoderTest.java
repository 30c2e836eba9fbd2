package org.tantra.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

final class SoundEncoderTest {
  private static byte[] encoded(SoundFormat format, float[] samples, int rate, int part) {
    SoundEncoder encoder = format.encoder(rate);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(encoder.header());
    for (int from = 0; from < samples.length; from += part) {
      int to = Math.min(samples.length, from + part);
      file.writeBytes(encoder.add(Arrays.copyOfRange(samples, from, to)));
    }
    file.writeBytes(encoder.finish());
    return file.toByteArray();
  }

  private static Sound open(byte[] file) {
    return Sounds.open(MemorySegment.ofArray(file));
  }

  private static float[] decoded(byte[] file) {
    Sound sound = open(file);
    float[] all = new float[1 << 21];
    int count = 0;
    float[] block = new float[777];
    for (int n; (n = sound.read(block, block.length)) > 0; ) {
      System.arraycopy(block, 0, all, count, n);
      count += n;
    }
    return Arrays.copyOf(all, count);
  }

  /// Three partials that rise and fall, at half of full scale.
  private static float[] voice(int rate, int length) {
    float[] samples = new float[length];
    for (int i = 0; i < length; i++) {
      double t = (double) i / rate;
      double loudness = 0.5 - 0.5 * Math.cos(2 * Math.PI * 3 * t);
      for (int partial = 1; partial <= 3; partial++) {
        samples[i] +=
            (float) (0.16 * loudness * Math.sin(2 * Math.PI * 220 * partial * (1 + 0.1 * t) * t));
      }
    }
    return samples;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 5, 4095, 4096, 4097, 300_001})
  void flacKeepsEverySample(int length) {
    float[] noise = new float[length];
    Random random = new Random(length);
    for (int i = 0; i < length; i++) {
      noise[i] = (random.nextInt(65536) - 32768) / 32767f;
    }
    for (float[] samples : new float[][] {noise, voice(22050, length), new float[length]}) {
      byte[] flac = encoded(SoundFormat.FLAC, samples, 22050, 1000);
      byte[] wav = encoded(SoundFormat.WAV, samples, 22050, 1000);
      assertEquals(22050, open(flac).sampleRateHz());
      assertArrayEquals(decoded(wav), decoded(flac));
    }
  }

  @Test
  void flacOfAVoiceIsSmaller() {
    float[] samples = voice(22050, 44100);
    assertTrue(encoded(SoundFormat.FLAC, samples, 22050, 44100).length < samples.length);
  }

  @ParameterizedTest
  @ValueSource(ints = {8000, 16_000, 22_050, 24_000, 44_100, 48_000})
  void opusSoundsTheSameAndIsAsLong(int rate) {
    float[] samples = voice(rate, rate * 13 / 10);
    byte[] file = encoded(SoundFormat.OPUS, samples, rate, 4321);
    float[] heard = decoded(file);
    float[] expected = voice(48_000, (int) Math.ceilDiv(samples.length * 48_000L, rate));
    assertEquals(expected.length, heard.length);
    double signal = 0;
    double noise = 0;
    for (int i = 0; i < expected.length; i++) {
      signal += (double) expected[i] * expected[i];
      noise += Math.pow((double) heard[i] - expected[i], 2);
    }
    double db = 10 * Math.log10(signal / noise);
    assertTrue(db > 15, db + " dB");
    assertTrue(file.length < samples.length, file.length + " bytes");
  }

  @ParameterizedTest
  @EnumSource(SoundFormat.class)
  void nothingAndOneSampleAreWholeFiles(SoundFormat format) {
    for (int length = 0; length < 2; length++) {
      byte[] file = encoded(format, new float[length], 16_000, 1);
      if (format != SoundFormat.PCM) {
        assertEquals(format == SoundFormat.OPUS ? 3 * length : length, decoded(file).length);
      }
    }
  }

  @Test
  void cutAndDamagedOpusEndsInAResultOrAnError() {
    byte[] file = encoded(SoundFormat.OPUS, voice(16_000, 16_000), 16_000, 500);
    int whole = decoded(file).length;
    for (int length = 0; length < file.length; length += 97) {
      readOrRefused(Arrays.copyOf(file, length), whole);
    }
    Random random = new Random(3);
    for (int i = 0; i < 50; i++) {
      byte[] damaged = file.clone();
      for (int k = 0; k < 4; k++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      readOrRefused(mended(damaged), Integer.MAX_VALUE);
    }
  }

  /// With check sums that fit again, so that damage reaches the decoder.
  private static byte[] mended(byte[] file) {
    for (int page = 0; page + Ogg.HEADER_BYTES < file.length; page++) {
      if (new String(file, page, 4, StandardCharsets.ISO_8859_1).equals("OggS")) {
        int segments = file[page + 26] & 0xFF;
        int end = page + Ogg.HEADER_BYTES + segments;
        for (int i = 0; i < segments && page + 27 + i < file.length; i++) {
          end += file[page + 27 + i] & 0xFF;
        }
        Arrays.fill(file, page + 22, page + 26, (byte) 0);
        int sum = 0;
        for (int i = page; i < Math.min(end, file.length); i++) {
          sum = Ogg.checkSum(sum, file[i]);
        }
        for (int i = 0; i < 4; i++) {
          file[page + 22 + i] = (byte) (sum >>> (8 * i));
        }
      }
    }
    return file;
  }

  private static void readOrRefused(byte[] file, int most) {
    try {
      assertTrue(decoded(file).length <= most);
    } catch (TantraException e) {
      assertTrue(e.kind() == ErrorKind.INVALID || e.kind() == ErrorKind.UNSUPPORTED, e.toString());
    }
  }

  @Test
  void vorbisIsRefusedByName() {
    byte[] file = encoded(SoundFormat.OPUS, new float[10], 16_000, 10);
    byte[] head = "\1vorbis.".getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(head, 0, file, Ogg.HEADER_BYTES + 1, head.length);
    TantraException e = assertThrows(TantraException.class, () -> open(mended(file)));
    assertEquals(ErrorKind.UNSUPPORTED, e.kind());
    assertTrue(e.getMessage().contains("Vorbis"), e.getMessage());
  }

  @Test
  void formatsGoByTheirNames() {
    assertEquals(Optional.of(SoundFormat.OPUS), SoundFormat.of("Opus"));
    assertEquals(Optional.of(SoundFormat.OPUS), SoundFormat.of("ogg"));
    assertEquals(Optional.of(SoundFormat.FLAC), SoundFormat.of("flac"));
    assertEquals(Optional.empty(), SoundFormat.of("mp3"));
  }
}
