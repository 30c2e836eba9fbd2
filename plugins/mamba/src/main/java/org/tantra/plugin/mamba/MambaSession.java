package org.tantra.plugin.mamba;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.nn.Workspace;
import org.tantra.nn.text.Session;

/// One row of tokens: its recurrent states, whose size does not depend on its length.
final class MambaSession implements Session {
  /// Tokens computed together: enough to read each weight once for many of them, few enough that
  /// activations stay in the cache.
  private static final int BLOCK = 64;

  /// Positions whose logits are computed together when all are asked for.
  private static final int HEAD_BLOCK = 8;

  // Slots of the workspace; the mixers use those below.
  static final int X = 8;
  static final int Y = 9;
  static final int NORMED = 10;
  private static final int LOGITS = 11;
  private static final int HEAD_INPUT = 12;

  private final MambaNetwork network;
  private final MambaNetwork.Trace trace;
  private final List<Mixer.State> row;
  private final Workspace work = new Workspace();
  private float @Nullable [] logits;
  private int position;

  /// @param trace sees what flows between the layers
  MambaSession(MambaNetwork network, MambaNetwork.Trace trace) {
    this.network = network;
    this.trace = trace;
    this.row = network.beginRow();
  }

  @Override
  public int position() {
    return position;
  }

  @Override
  public float[] append(int[] tokens, Cancellation cancellation) {
    require(tokens);
    int hidden = network.config().hidden();
    float[] last = work.floats(HEAD_INPUT, hidden);
    for (int at = 0; at < tokens.length; at += BLOCK) {
      int count = Math.min(BLOCK, tokens.length - at);
      float[] x = network.forward(tokens, at, count, row, work, cancellation, trace);
      position += count;
      System.arraycopy(x, (count - 1) * hidden, last, 0, hidden);
    }
    if (logits == null) {
      logits = new float[network.vocab()];
    }
    network.head(logits, last, 1);
    return logits;
  }

  @Override
  public void append(int[] tokens, Cancellation cancellation, LogitsReader each) {
    require(tokens);
    int hidden = network.config().hidden();
    int vocab = network.vocab();
    float[] one = new float[vocab];
    for (int at = 0; at < tokens.length; at += BLOCK) {
      int count = Math.min(BLOCK, tokens.length - at);
      float[] x = network.forward(tokens, at, count, row, work, cancellation, trace);
      position += count;
      for (int t = 0; t < count; t += HEAD_BLOCK) {
        cancellation.check();
        int together = Math.min(HEAD_BLOCK, count - t);
        float[] rows = work.floats(HEAD_INPUT, together * hidden);
        float[] several = work.floats(LOGITS, together * vocab);
        System.arraycopy(x, t * hidden, rows, 0, together * hidden);
        network.head(several, rows, together);
        for (int i = 0; i < together; i++) {
          System.arraycopy(several, i * vocab, one, 0, vocab);
          each.read(at + t + i, one);
        }
      }
    }
  }

  private void require(int[] tokens) {
    if (tokens.length == 0 || tokens.length > network.contextTokens() - position) {
      throw new IllegalArgumentException(
          tokens.length + " tokens after " + position + " of " + network.contextTokens());
    }
    for (int id : tokens) {
      if (id < 0 || id >= network.vocab()) {
        throw new IllegalArgumentException("token " + id + " of " + network.vocab());
      }
    }
  }

  /// What each layer remembers of the row.
  List<Mixer.State> states() {
    return row;
  }

  /// Bytes this row takes, states and scratch.
  long bytes() {
    long states = row.stream().mapToLong(Mixer.State::bytes).sum();
    return states + work.bytes() + (logits == null ? 0 : logits.length * 4L);
  }

  @Override
  public void close() {}
}
