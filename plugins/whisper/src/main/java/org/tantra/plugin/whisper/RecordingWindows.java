package org.tantra.plugin.whisper;

import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.nn.Trace;

/// The windows of a recording through the network: the one that was asked for last stays encoded,
/// since it may be decoded several times. Used by one thread.
final class RecordingWindows implements WindowLoop.Windows, AutoCloseable {
  private final WhisperNetwork network;
  private final WindowDecoder decoder;
  private final WordAligner aligner;
  private final MelWindows mel;
  private final RandomGenerator random;
  private final Cancellation cancellation;
  private @Nullable CrossCache cross;
  private long encodedSeek = -1;
  private int encodedCount;

  RecordingWindows(
      WhisperNetwork network,
      WindowDecoder decoder,
      WordAligner aligner,
      MelWindows mel,
      RandomGenerator random,
      Cancellation cancellation) {
    this.network = network;
    this.decoder = decoder;
    this.aligner = aligner;
    this.mel = mel;
    this.random = random;
    this.cancellation = cancellation;
  }

  @Override
  public long frames() {
    return mel.frames();
  }

  /// How probable each language is, from the first window.
  Map<String, Double> languages() {
    // Beyond the end there is silence, not the zeros that fill a window.
    return decoder.languages(encoded(0, network.config().frames()), cancellation);
  }

  @Override
  public DecodedWindow decode(long seek, int count, DecodingOptions options) {
    return decoder.decode(encoded(seek, count), options, random, cancellation);
  }

  @Override
  public List<WordTiming> align(long seek, int count, List<Integer> text, DecodingOptions options) {
    return aligner.align(encoded(seek, count), text, count, options, cancellation);
  }

  private CrossCache encoded(long seek, int count) {
    CrossCache known = cross;
    if (known != null && encodedSeek == seek && encodedCount == count) {
      return known;
    }
    close();
    float[] window = mel.window(seek, count, network.config().frames());
    float[] audio = network.audio().encode(window, cancellation, Trace.NONE);
    CrossCache made = network.text().cross(audio);
    cross = made;
    encodedSeek = seek;
    encodedCount = count;
    return made;
  }

  @Override
  public void close() {
    if (cross != null) {
      cross.close();
      cross = null;
    }
  }
}
