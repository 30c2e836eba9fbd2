package org.tantra.host.resolve;

import org.tantra.api.SpeechSynthesis;

/// Speech under way.
public interface SpeechAnswer extends ServedAnswer<SpeechSynthesis.Speech> {
  /// Samples per second of all of it.
  int sampleRateHz();
}
