package org.tantra.plugin.lite;

import java.util.Optional;
import org.tantra.api.Capability;
import org.tantra.api.LoadedModel;
import org.tantra.api.TextGeneration;
import org.tantra.nn.text.ByteTokenizer;
import org.tantra.nn.text.TextGenerator;

/// `text-lite`, ready to answer. All it holds is on the Java heap, so closing has nothing to do.
final class LoadedTextLite implements LoadedModel {
  private static final int DIGITS = 12;

  private final TextLiteNetwork network;
  private final TextGeneration text;
  private final String digest;

  LoadedTextLite(TextLiteNetwork network, String digest) {
    this.network = network;
    this.text = new TextGenerator(network, ByteTokenizer.withEnd());
    this.digest = digest;
  }

  @Override
  public long residentBytes() {
    return network.bytes();
  }

  @Override
  public <T extends Capability> Optional<T> as(Class<T> capability) {
    return capability.isInstance(text) ? Optional.of(capability.cast(text)) : Optional.empty();
  }

  @Override
  public String fingerprint() {
    return "builtin-" + digest.substring(0, DIGITS);
  }

  @Override
  public void close() {}
}
