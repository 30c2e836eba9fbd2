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

/// `embed-lite`: describes a text by its words and their parts. Needs no weights; finds texts that
/// share words, whatever their order, case and slips, and knows nothing of what words mean. The
/// last stand-in of every text encoder.
public final class TextVectorEncoder implements Encoder {
  @Override
  public EncoderInfo info() {
    return new EncoderInfo(
        "embed-lite",
        "Text vectors from words and their parts, always there",
        Set.of(Modality.TEXT),
        SharedSpace.WIDTH,
        Needs.NOTHING,
        List.of());
  }

  @Override
  public LoadedEncoder load(LoadContext context) {
    context.cancellation().check();
    return new LoadedTextVectors();
  }
}
