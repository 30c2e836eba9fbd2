package org.tantra.plugin.gpt2;

import java.lang.foreign.Arena;
import java.util.Optional;
import org.tantra.api.Capability;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.LoadedModel;
import org.tantra.api.Progress;
import org.tantra.api.TextGeneration;
import org.tantra.nn.text.TextGenerator;

/// A checkpoint turned into a network that answers.
final class LoadedGpt2 implements LoadedModel {
  private final Arena copies;
  private final Gpt2Network network;
  private final TextGeneration text;
  private final String fingerprint;
  private final long residentBytes;

  private LoadedGpt2(
      Arena copies, Gpt2Network network, TextGeneration text, String fingerprint, long bytes) {
    this.copies = copies;
    this.network = network;
    this.text = text;
    this.fingerprint = fingerprint;
    this.residentBytes = bytes;
  }

  static LoadedGpt2 load(Checkpoint checkpoint, Compute compute, Progress progress) {
    progress.stage("reading configuration");
    Gpt2Config config = Gpt2Config.read(checkpoint);
    Arena copies = Arena.ofShared();
    try {
      progress.stage("mapping weights");
      Gpt2Weights weights = Gpt2Weights.read(checkpoint.weights(), config, copies);
      Gpt2Network network = new Gpt2Network(config, weights, compute);
      progress.stage("reading tokenizer");
      TextGeneration text = new TextGenerator(network, Gpt2Tokenizer.of(checkpoint, config));
      return new LoadedGpt2(
          copies, network, text, checkpoint.version(), weights.bytes() + network.ownBytes());
    } catch (RuntimeException | Error e) {
      copies.close();
      throw e;
    }
  }

  /// The network itself, for the parity check.
  Gpt2Network network() {
    return network;
  }

  @Override
  public long residentBytes() {
    return residentBytes;
  }

  @Override
  public <T extends Capability> Optional<T> as(Class<T> capability) {
    return capability.isInstance(text) ? Optional.of(capability.cast(text)) : Optional.empty();
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public void close() {
    if (copies.scope().isAlive()) {
      copies.close();
    }
  }
}
