package org.tantra.plugin.lite;

import java.lang.foreign.MemorySegment;
import java.util.Locale;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.TensorView;
import org.tantra.media.Sound;
import org.tantra.media.Sounds;
import org.tantra.nn.SharedSpace;
import org.tantra.nn.audio.DownMix;
import org.tantra.nn.audio.LogMelFrames;
import org.tantra.nn.audio.Resampler;

/// `audio-lite`, ready to encode. A recording is read a block at a time, so its length does not
/// matter for memory.
final class LoadedAudioLite implements LoadedEncoder {
  /// Changes with every change of the vectors.
  private static final String VERSION = "1";

  private static final int BLOCK_FRAMES = 1 << 14;

  /// Fills the first frame of a recording shorter than it.
  private static final int LEAST_SAMPLES = 400;

  @Override
  public long residentBytes() {
    return 0;
  }

  @Override
  public String fingerprint() {
    return "builtin-" + VERSION;
  }

  @Override
  public TensorView embed(Media item, Cancellation cancellation) {
    if (!(item instanceof Media.Encoded(var modality, var bytes)) || modality != Modality.AUDIO) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "'audio-lite' reads recordings, not "
              + item.modality().name().toLowerCase(Locale.ROOT)
              + ".");
    }
    return TensorView.of(SharedSpace.unit(statistics(bytes, cancellation)), SharedSpace.WIDTH);
  }

  private static float[] statistics(MemorySegment bytes, Cancellation cancellation) {
    Sound sound = Sounds.open(bytes);
    DownMix mix = new DownMix(sound.channels());
    Resampler resampler = new Resampler(sound.sampleRateHz(), LogMelFrames.SAMPLE_RATE_HZ);
    BandStatistics statistics = new BandStatistics();
    LogMelFrames frames = new LogMelFrames(BandStatistics.BANDS, statistics::add);
    float[] block = new float[Math.multiplyExact(BLOCK_FRAMES, sound.channels())];
    long samples = 0;
    int count = sound.read(block, BLOCK_FRAMES);
    while (count > 0) {
      cancellation.check();
      samples += count;
      float[] mono = resampler.add(mix.apply(block, count), count);
      frames.add(mono, 0, mono.length);
      count = sound.read(block, BLOCK_FRAMES);
    }
    if (samples == 0) {
      throw new TantraException(ErrorKind.INVALID, "The recording has no samples.").about("audio");
    }
    float[] rest = resampler.finish();
    frames.add(rest, 0, rest.length);
    frames.addSilence(LEAST_SAMPLES);
    return statistics.vector();
  }

  @Override
  public void close() {}
}
