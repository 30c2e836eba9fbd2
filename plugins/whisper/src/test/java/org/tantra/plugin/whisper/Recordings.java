package org.tantra.plugin.whisper;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.tantra.media.WavWriter;

/// Sounds to transcribe.
final class Recordings {
  static final int RATE = 16_000;

  private Recordings() {}

  static MemorySegment silence(double seconds) {
    return wav(new float[(int) (seconds * RATE)]);
  }

  static MemorySegment noise(double seconds) {
    float[] samples = new float[(int) (seconds * RATE)];
    Random random = new Random(5);
    for (int i = 0; i < samples.length; i++) {
      samples[i] = 0.3f * (2 * random.nextFloat() - 1);
    }
    return wav(samples);
  }

  static MemorySegment wav(float[] samples) {
    return MemorySegment.ofArray(WavWriter.file16(samples, RATE, 1));
  }
}
