package org.tantra.nn.text;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;

/// A [Session] of a network that computes a block of tokens together: checks what is appended, cuts
/// it into blocks and asks for logits only where they are wanted. Single tokens may be taken
/// together with those of other rows.
///
/// @param <R> what the network remembers of a row
public final class BlockSession<R extends BlockSession.Row> implements Session {
  /// Positions whose logits are computed together when all are asked for.
  private static final int HEAD_BLOCK = 8;

  private final LanguageModel model;
  private final R row;
  private final int blockTokens;
  private final @Nullable JointSteps<? super R> steps;
  private final float[] logits;
  private int position;

  /// What a network remembers of one row of tokens, and its way through the layers.
  public interface Row extends AutoCloseable {
    /// Takes one block of tokens through all layers.
    ///
    /// @param tokens ids, `count` of them from `from` on
    /// @param position how many tokens the row had before
    /// @param cancellation looked at once per layer
    /// @return what [#head] takes, `[count, width]`; the row's own array, valid until the next call
    float[] forward(int[] tokens, int from, int count, int position, Cancellation cancellation);

    /// Makes room for a step that may be taken with those of other rows: what can fail for want of
    /// memory, without harm to the others.
    ///
    /// @param tokens that the row will have
    default void reserve(int tokens) {}

    /// Elements of one row of what [#forward] returns.
    int width();

    /// Computes the logits after some of the tokens of the last block.
    ///
    /// @param logits `[count, vocab]`, overwritten
    /// @param x `[count, width]`, may be changed
    void head(float[] logits, float[] x, int count);

    /// See [Session#measures()].
    default Map<String, Double> measures() {
      return Map.of();
    }

    /// See [Session#close()].
    @Override
    void close();
  }

  /// @param blockTokens most tokens of a block: enough that weights are read seldom, few enough
  ///   that the row's buffers stay small and cancellation is noticed soon
  public BlockSession(LanguageModel model, R row, int blockTokens) {
    this(model, row, blockTokens, null);
  }

  /// @param steps takes single tokens, together with those of the network's other rows; nothing if
  ///   the row goes alone
  public BlockSession(
      LanguageModel model, R row, int blockTokens, @Nullable JointSteps<? super R> steps) {
    this.model = model;
    this.row = row;
    this.blockTokens = blockTokens;
    this.steps = steps;
    this.logits = new float[model.vocab()];
  }

  @Override
  public int position() {
    return position;
  }

  @Override
  public float[] append(int[] tokens, Cancellation cancellation) {
    requireFitting(tokens);
    if (steps != null && tokens.length == 1) {
      cancellation.check();
      row.reserve(position + 1);
      steps.take(row, tokens[0], position, logits);
      position++;
      return logits;
    }
    float[] last = new float[row.width()];
    for (int from = 0; from < tokens.length; from += blockTokens) {
      int count = Math.min(blockTokens, tokens.length - from);
      float[] x = row.forward(tokens, from, count, position, cancellation);
      position += count;
      System.arraycopy(x, (count - 1) * last.length, last, 0, last.length);
    }
    row.head(logits, last, 1);
    return logits;
  }

  @Override
  public void append(int[] tokens, Cancellation cancellation, LogitsReader each) {
    requireFitting(tokens);
    int vocab = model.vocab();
    int width = row.width();
    float[] several = new float[HEAD_BLOCK * vocab];
    float[] rows = new float[HEAD_BLOCK * width];
    for (int from = 0; from < tokens.length; from += blockTokens) {
      int count = Math.min(blockTokens, tokens.length - from);
      float[] x = row.forward(tokens, from, count, position, cancellation);
      position += count;
      for (int t = 0; t < count; t += HEAD_BLOCK) {
        cancellation.check();
        int together = Math.min(HEAD_BLOCK, count - t);
        System.arraycopy(x, t * width, rows, 0, together * width);
        row.head(several, rows, together);
        for (int i = 0; i < together; i++) {
          System.arraycopy(several, i * vocab, logits, 0, vocab);
          each.read(from + t + i, logits);
        }
      }
    }
  }

  private void requireFitting(int[] tokens) {
    if (tokens.length == 0 || tokens.length > model.contextTokens() - position) {
      throw new IllegalArgumentException(
          tokens.length + " tokens after " + position + " of " + model.contextTokens());
    }
    for (int token : tokens) {
      if (token < 0 || token >= model.vocab()) {
        throw new IllegalArgumentException("token " + token + " of " + model.vocab());
      }
    }
  }

  @Override
  public Map<String, Double> measures() {
    return row.measures();
  }

  @Override
  public void close() {
    if (steps != null) {
      steps.leave(row);
    }
    row.close();
  }
}
