package org.tantra.plugin.whisper;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.SharedSpace;
import org.tantra.nn.Trace;

/// The encoder, ready to hear recordings of any length.
record LoadedWhisperEncoder(
    WhisperConfig config,
    WhisperAudioNetwork network,
    Arena copies,
    long residentBytes,
    String fingerprint)
    implements LoadedEncoder {
  private static final int FRAMES_PER_POSITION = 2;
  private static final int SAMPLES_PER_POSITION = 320;

  @Override
  public TensorView embed(Media item, Cancellation cancellation) {
    if (item instanceof Media.Encoded(var modality, var bytes) && modality == Modality.AUDIO) {
      return TensorView.of(SharedSpace.unit(meaning(bytes, cancellation)), SharedSpace.WIDTH);
    }
    throw new TantraException(
        ErrorKind.UNSUPPORTED,
        "'whisper' hears recordings, it does not read "
            + item.modality().name().toLowerCase(Locale.ROOT)
            + ".");
  }

  /// The mean over the positions of all windows that begin within the recording.
  private float[] meaning(MemorySegment audio, Cancellation cancellation) {
    MelWindows mel = new MelWindows(audio, config.mels(), cancellation);
    if (mel.samples() == 0) {
      throw new TantraException(ErrorKind.INVALID, "The recording has no samples.").about("audio");
    }
    long positions = Math.ceilDiv(mel.samples(), SAMPLES_PER_POSITION);
    double[] sum = new double[config.hidden()];
    for (long from = 0; from < positions; from += config.audioPositions()) {
      float[] window = mel.window(from * FRAMES_PER_POSITION, config.frames(), config.frames());
      float[] vectors = network.encode(window, cancellation, Trace.NONE);
      int count = (int) Math.min(config.audioPositions(), positions - from);
      for (int i = 0; i < count * config.hidden(); i++) {
        sum[i % config.hidden()] += vectors[i];
      }
    }
    float[] mean = new float[config.hidden()];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / positions);
    }
    return mean;
  }

  @Override
  public void close() {
    if (copies.scope().isAlive()) {
      copies.close();
    }
  }
}
