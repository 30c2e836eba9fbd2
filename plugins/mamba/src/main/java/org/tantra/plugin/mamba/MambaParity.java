package org.tantra.plugin.mamba;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.tantra.api.Cancellation;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.nn.Trace;
import org.tantra.nn.parity.Comparison;
import org.tantra.nn.parity.HiddenStates;
import org.tantra.nn.parity.LanguageModelParity;
import org.tantra.nn.text.Session;

/// Compares the networks with the reference implementations: logits, hidden states, recurrent
/// states after a prefill, after all tokens and after a row shorter than the convolution, batched
/// rows, and greedy continuations.
public final class MambaParity implements ParityCheck {
  @Override
  public Set<String> families() {
    return Set.of("mamba", "mamba2");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    // Hidden states of the Mamba cases reach 60, which costs digits in the logits.
    boolean large = golden.family().equals("mamba");
    Comparison comparison = new Comparison(golden, large ? 1e-4 : 5e-5, large ? 2e-5 : 1e-5);
    try (MambaModel.Loaded loaded =
        MambaModel.load(golden.checkpoint(), Integer.MAX_VALUE, golden.compute())) {
      MambaNetwork network = loaded.network();
      Settings recurrent = golden.expected().section("recurrent");
      int prefill = recurrent.integer("prefill", 1);
      new LanguageModelParity(comparison, network).compare(golden, prefill);
      int[] ids = comparison.integers("input_ids");
      compareHidden(comparison, network, ids);
      compareStates(comparison, network, "prefill", ids, prefill);
      compareStates(comparison, network, "final", ids, ids.length);
      compareStates(comparison, network, "short", ids, recurrent.integer("short_prompt", 1));
      return comparison.findings();
    }
  }

  private static void compareHidden(Comparison comparison, MambaNetwork network, int[] ids) {
    HiddenStates hidden = new HiddenStates();
    try (Session session = network.begin(new MambaRow(network, hidden::add))) {
      session.append(ids, Cancellation.NEVER);
    }
    hidden.compare(comparison, "");
  }

  private static void compareStates(
      Comparison comparison, MambaNetwork network, String moment, int[] ids, int tokens) {
    MambaRow row = new MambaRow(network, Trace.NONE);
    try (Session session = network.begin(row)) {
      session.append(Arrays.copyOf(ids, tokens), Cancellation.NEVER);
      MixerConfig mixer = network.config().mixer();
      for (int layer = 0; layer < row.states().size(); layer++) {
        Mixer.State state = row.states().get(layer);
        check(comparison, moment + ".conv_state." + layer, window(state, mixer));
        check(comparison, moment + ".ssm_state." + layer, memory(state, mixer));
      }
    }
  }

  /// `[channels, kernel]`, as the reference has it.
  private static float[] window(Mixer.State state, MixerConfig mixer) {
    return turned(state.window(), 1, mixer.kernel());
  }

  /// `[channels, state]` or `[heads, headDim, state]`, as the reference has it.
  private static float[] memory(Mixer.State state, MixerConfig mixer) {
    return switch (mixer) {
      case MixerConfig.Selective sizes -> turned(state.memory(), 1, sizes.state());
      case MixerConfig.Headed sizes -> turned(state.memory(), sizes.heads(), sizes.state());
      case MixerConfig.GatedConv _ -> state.memory();
    };
  }

  /// Swaps the last two sizes of `[blocks, rows, columns]`.
  private static float[] turned(float[] x, int blocks, int rows) {
    float[] turned = new float[x.length];
    int block = x.length / blocks;
    int columns = block / rows;
    for (int i = 0; i < x.length; i++) {
      int inside = i % block;
      turned[i - inside + inside % columns * rows + inside / columns] = x[i];
    }
    return turned;
  }

  private static void check(Comparison comparison, String name, float[] actual) {
    if (comparison.has(name)) {
      comparison.check(name, actual);
    }
  }
}
