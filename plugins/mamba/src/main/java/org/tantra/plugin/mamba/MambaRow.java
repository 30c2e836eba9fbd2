package org.tantra.plugin.mamba;

import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.nn.Trace;
import org.tantra.nn.Workspace;
import org.tantra.nn.text.BlockSession;

/// One row of tokens going through a [MambaNetwork]: its recurrent states, whose size does not
/// depend on its length.
final class MambaRow implements BlockSession.Row {
  private final MambaNetwork network;
  private final Trace trace;
  private final List<Mixer.State> states;

  /// Of a prompt.
  private Workspace work = new Workspace();

  /// @param trace sees what flows between the layers
  MambaRow(MambaNetwork network, Trace trace) {
    this.network = network;
    this.trace = trace;
    this.states = network.beginStates();
  }

  /// @return the input of the head
  @Override
  public float[] forward(
      int[] tokens, int from, int count, int position, Cancellation cancellation) {
    return network.forward(List.of(this), tokens, from, count, work, cancellation, trace);
  }

  /// The prompt is over then, and its buffers are large.
  @Override
  public void reserve(int tokens) {
    work = new Workspace();
  }

  @Override
  public int width() {
    return network.config().hidden();
  }

  @Override
  public void head(float[] logits, float[] x, int count) {
    network.head(logits, x, count);
  }

  /// What each layer remembers of the row.
  List<Mixer.State> states() {
    return states;
  }

  /// Bytes this row takes, states and scratch.
  long bytes() {
    return states.stream().mapToLong(Mixer.State::bytes).sum() + work.bytes();
  }

  @Override
  public void close() {}
}
