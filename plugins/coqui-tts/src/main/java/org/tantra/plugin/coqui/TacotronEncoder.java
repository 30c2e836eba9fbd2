package org.tantra.plugin.coqui;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Compute;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.LstmCell;

/// Characters to vectors: embedding, convolutions with ReLU, and a recurrent layer in both
/// directions.
final class TacotronEncoder {
  private final TensorView embedding;
  private final List<ConvBlock> convolutions = new ArrayList<>();
  private final LstmCell forwards;
  private final LstmCell backwards;
  private final int vocab;
  private final int embedded;

  TacotronEncoder(NamedWeights weights, Compute compute) {
    this.vocab = weights.size("embedding.weight", 2, 0);
    this.embedded = weights.size("embedding.weight", 2, 1);
    this.embedding = weights.weight("embedding.weight", vocab, embedded);
    int width = embedded;
    for (int i = 0; i < weights.count("encoder.convolutions."); i++) {
      ConvBlock block = new ConvBlock(weights, "encoder.convolutions." + i + ".", width, compute);
      convolutions.add(block);
      width = block.out();
    }
    this.forwards = cell(weights, "", width, compute);
    this.backwards = cell(weights, "_reverse", width, compute);
  }

  private static LstmCell cell(NamedWeights weights, String direction, int in, Compute compute) {
    int hidden = weights.size("encoder.lstm.weight_hh_l0" + direction, 2, 1);
    return new LstmCell(
        weights.weight("encoder.lstm.weight_ih_l0" + direction, 4L * hidden, in),
        weights.weight("encoder.lstm.weight_hh_l0" + direction, 4L * hidden, hidden),
        weights.weight("encoder.lstm.bias_ih_l0" + direction, 4L * hidden),
        weights.weight("encoder.lstm.bias_hh_l0" + direction, 4L * hidden),
        compute);
  }

  int vocab() {
    return vocab;
  }

  /// Width of an encoded character.
  int out() {
    return forwards.hidden() + backwards.hidden();
  }

  /// @param ids characters, each below [#vocab()]
  /// @return `[characters, out]`
  float[] apply(int[] ids) {
    float[] x = new float[ids.length * embedded];
    for (int i = 0; i < ids.length; i++) {
      for (int c = 0; c < embedded; c++) {
        x[i * embedded + c] = embedding.floatAt((long) ids[i] * embedded + c);
      }
    }
    for (ConvBlock convolution : convolutions) {
      x = convolution.apply(x, ids.length);
      for (int i = 0; i < x.length; i++) {
        x[i] = Math.max(0, x[i]);
      }
    }
    float[] y = new float[ids.length * out()];
    forwards.run(y, out(), 0, x, ids.length, false);
    backwards.run(y, out(), forwards.hidden(), x, ids.length, true);
    return y;
  }

  long ownBytes() {
    long own = forwards.ownBytes() + backwards.ownBytes();
    return own + convolutions.stream().mapToLong(ConvBlock::ownBytes).sum();
  }
}
