package org.tantra.plugin.lite;

import java.util.List;
import java.util.Set;
import org.tantra.api.Encoder;
import org.tantra.api.EncoderInfo;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Modality;
import org.tantra.api.Needs;
import org.tantra.nn.SharedSpace;

/// `audio-lite`: describes a recording by how its energy is spread over pitches, and how that
/// changes. Needs no weights; finds another cut, loudness or sample rate of a recording again, and
/// knows nothing of what is said. The last stand-in of every audio encoder.
public final class AudioLiteEncoder implements Encoder {
  @Override
  public EncoderInfo info() {
    return new EncoderInfo(
        "audio-lite",
        "Statistics of a recording's mel bands, always there",
        Set.of(Modality.AUDIO),
        SharedSpace.WIDTH,
        Needs.NOTHING,
        List.of());
  }

  @Override
  public LoadedEncoder load(LoadContext context) {
    context.cancellation().check();
    return new LoadedAudioLite();
  }
}
