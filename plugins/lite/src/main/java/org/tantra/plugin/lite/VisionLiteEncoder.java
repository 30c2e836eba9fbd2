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

/// `vision-lite`: describes pictures and videos by a small convolutional network whose filters are
/// chosen by hand. Needs no weights, and finds an edited copy of a picture again; it knows nothing
/// of what a picture shows. The last stand-in of every vision encoder.
public final class VisionLiteEncoder implements Encoder {
  @Override
  public EncoderInfo info() {
    return new EncoderInfo(
        "vision-lite",
        "Fixed convolutional encoder that is always there",
        Set.of(Modality.IMAGE, Modality.VIDEO),
        SharedSpace.WIDTH,
        Needs.NOTHING,
        List.of());
  }

  @Override
  public LoadedEncoder load(LoadContext context) {
    context.cancellation().check();
    return new LoadedVisionLite(new EdgeNetwork());
  }
}
