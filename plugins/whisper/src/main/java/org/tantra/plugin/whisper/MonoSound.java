package org.tantra.plugin.whisper;

import java.util.Arrays;
import org.tantra.media.Sound;
import org.tantra.nn.audio.DownMix;
import org.tantra.nn.audio.LogMelFrames;
import org.tantra.nn.audio.Resampler;

/// A recording as the network hears it: one channel, 16 000 samples a second, a block at a time.
/// Used by one thread.
final class MonoSound {
  /// Frames decoded at a time.
  private static final int BLOCK = 1 << 14;

  private final Sound sound;
  private final DownMix mix;
  private final Resampler resampler;
  private final float[] block;
  private boolean ended;

  MonoSound(Sound sound) {
    this.sound = sound;
    this.mix = new DownMix(sound.channels());
    this.resampler = new Resampler(sound.sampleRateHz(), LogMelFrames.SAMPLE_RATE_HZ);
    this.block = new float[BLOCK * sound.channels()];
  }

  /// The next samples, some or none; [#ended()] says whether there will be more.
  ///
  /// @throws org.tantra.api.TantraException `INVALID` if the file turns out to be damaged
  float[] next() {
    if (ended) {
      return new float[0];
    }
    int read = sound.read(block, BLOCK);
    if (read == 0) {
      ended = true;
      return resampler.finish();
    }
    return resampler.add(mix.apply(block, read), read);
  }

  boolean ended() {
    return ended;
  }

  /// Everything that remains, for short recordings.
  float[] all() {
    float[] all = {};
    while (!ended) {
      float[] more = next();
      int length = all.length;
      all = Arrays.copyOf(all, length + more.length);
      System.arraycopy(more, 0, all, length, more.length);
    }
    return all;
  }
}
