package org.tantra.plugin.whisper;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a whole recording is transcribed.
///
/// @param temperatures tried in order until a window decodes well
/// @param compressionRatioThreshold above it a text repeats itself; null for any
/// @param logprobThreshold below it a text is improbable; null for any
/// @param noSpeechThreshold above it a window may be silent; null for never
/// @param conditionOnPrevious whether the text so far stands before each window
/// @param initialPrompt said before the recording; null for nothing
/// @param carryInitialPrompt whether it stands before each window
/// @param clips seconds where stretches to transcribe begin and end, in turn
/// @param words whether words get times
/// @param silenceThreshold seconds of silence in which made-up text is looked for; null for none
/// @param decoding of a window
record LoopOptions(
    List<Double> temperatures,
    @Nullable Double compressionRatioThreshold,
    @Nullable Double logprobThreshold,
    @Nullable Double noSpeechThreshold,
    boolean conditionOnPrevious,
    @Nullable String initialPrompt,
    boolean carryInitialPrompt,
    List<Double> clips,
    boolean words,
    @Nullable Double silenceThreshold,
    DecodingOptions decoding) {
  static final List<Double> TEMPERATURES = List.of(0.0, 0.2, 0.4, 0.6, 0.8, 1.0);
  static final double COMPRESSION_RATIO = 2.4;
  static final double LOGPROB = -1;
  static final double NO_SPEECH = 0.6;

  LoopOptions {
    temperatures = List.copyOf(temperatures);
    clips = List.copyOf(clips);
  }

  /// Whether a window should be decoded again, at a higher temperature.
  boolean retries(DecodedWindow window) {
    boolean improbable = logprobThreshold != null && window.averageLogprob() < logprobThreshold;
    boolean repeats =
        compressionRatioThreshold != null && window.compressionRatio() > compressionRatioThreshold;
    boolean silent =
        noSpeechThreshold != null && window.noSpeechProbability() > noSpeechThreshold && improbable;
    return (improbable || repeats) && !silent;
  }

  /// Whether a window holds no speech.
  boolean skips(DecodedWindow window) {
    boolean probable = logprobThreshold != null && window.averageLogprob() > logprobThreshold;
    return noSpeechThreshold != null
        && window.noSpeechProbability() > noSpeechThreshold
        && !probable;
  }
}
