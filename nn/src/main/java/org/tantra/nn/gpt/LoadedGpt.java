package org.tantra.nn.gpt;

import java.lang.foreign.Arena;
import java.util.function.Supplier;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.Progress;
import org.tantra.nn.Linears;
import org.tantra.nn.WeightForm;
import org.tantra.nn.text.LoadedNetwork;
import org.tantra.nn.text.TextGenerator;

/// Turns a checkpoint with GPT-2's names into a network that answers.
public final class LoadedGpt {
  private LoadedGpt() {}

  /// @param projectors makes one for each row of tokens
  /// @param form of the weights in memory
  /// @throws org.tantra.api.TantraException as [GptWeights#read], and `CORRUPT` if the tokenizer
  ///   does not belong to the weights
  public static LoadedNetwork<GptNetwork> load(
      Checkpoint checkpoint,
      GptConfig config,
      Supplier<Projector> projectors,
      WeightForm form,
      Compute compute,
      Progress progress) {
    Arena copies = Arena.ofShared();
    try {
      progress.stage("mapping weights");
      GptConfig complete = GptWeights.completed(config, checkpoint.weights());
      GptWeights weights = GptWeights.read(checkpoint.weights(), complete, copies);
      Linears linears = new Linears(form, copies, compute);
      GptNetwork network = new GptNetwork(complete, weights, projectors, linears);
      linears.forgetRounded();
      progress.stage("reading tokenizer");
      return new LoadedNetwork<>(
          network,
          new TextGenerator(network, GptTokenizer.of(checkpoint, config, copies)),
          copies,
          weights.bytes() - linears.savedBytes() + network.ownBytes(),
          checkpoint.version());
    } catch (RuntimeException | Error e) {
      copies.close();
      throw e;
    }
  }
}
