package org.tantra.plugin.coqui;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.Conv1d;
import org.tantra.nn.Trace;
import org.tantra.nn.TransposedConv1d;

/// HiFi-GAN's generator: mel frames to samples by transposed convolutions, each followed by the
/// mean of residual blocks with different kernels.
///
/// @see <a href="https://arxiv.org/abs/2010.05646">Kong, Kim and Bae 2020</a>
final class HifiGan {
  private static final float SLOPE = 0.1f;

  /// Before the last convolution the reference implementation has PyTorch's default.
  private static final float LAST_SLOPE = 0.01f;

  /// Mel frames that are made to samples at a time, some 6 s: most sentences are shorter, and pay
  /// nothing for the overlap; for all others there are at most some 22 MB between the layers
  /// (hifigan_v2).
  private static final int CHUNK = 512;

  private final HifiGanConfig config;
  private final int mels;
  private final Conv1d first;
  private final List<Stage> stages = new ArrayList<>();
  private final Conv1d last;
  private final long bytes;

  /// Mel frames before and after one that its samples depend on, at most.
  private final int reach;

  private record Stage(TransposedConv1d up, List<Block> blocks) {}

  /// @param second empty in blocks of type 2
  private record Block(List<Conv1d> dilated, List<Conv1d> second) {
    /// Frames before and after one that its result depends on.
    int reach() {
      return Stream.concat(dilated.stream(), second.stream()).mapToInt(Conv1d::padding).sum();
    }
  }

  HifiGan(NamedWeights weights, HifiGanConfig config, Compute compute) {
    this.config = config;
    this.mels = FoldedWeight.size(weights, "conv_pre.", 1);
    if (weights.has("cond_layer.weight")) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "The vocoder is conditioned on a speaker (cond_layer); this plugin runs those that are"
              + " not.");
    }
    this.first = convolution(weights, "conv_pre.", mels, 1, compute);
    int channels = first.out();
    int kernels = config.dilations().size();
    long own = first.ownBytes();
    for (int s = 0; s < config.factors().size(); s++) {
      TransposedConv1d up = up(weights, s, channels, compute);
      channels = up.out();
      List<Block> blocks = new ArrayList<>();
      for (int k = 0; k < kernels; k++) {
        blocks.add(block(weights, s * kernels + k, config.dilations().get(k), channels, compute));
      }
      stages.add(new Stage(up, blocks));
      own += up.ownBytes();
    }
    this.last = convolution(weights, "conv_post.", channels, 1, compute);
    if (last.out() != 1) {
      throw TacotronConfig.mismatch("The vocoder ends with " + last.out() + " channels, not one.");
    }
    this.bytes = own;
    this.reach = reach();
  }

  /// From the last layer to the first, since each stage makes rows longer.
  private int reach() {
    int frames = last.padding();
    for (Stage stage : stages.reversed()) {
      frames += stage.blocks.stream().mapToInt(Block::reach).max().orElse(0);
      frames = Math.ceilDiv(frames + stage.up.kernel(), stage.up.stride());
    }
    return frames + first.padding();
  }

  private TransposedConv1d up(NamedWeights weights, int stage, int in, Compute compute) {
    String name = "ups." + stage + ".";
    int factor = config.factors().get(stage);
    int out = FoldedWeight.size(weights, name, 1);
    int kernel = FoldedWeight.size(weights, name, 2);
    if (kernel < factor) {
      throw TacotronConfig.mismatch(
          "Stage %d stretches by %d with a kernel of %d.".formatted(stage, factor, kernel));
    }
    return new TransposedConv1d(
        FoldedWeight.read(weights, name, in, out, kernel),
        weights.weight(name + "bias", out),
        factor,
        (kernel - factor) / 2,
        compute);
  }

  private Block block(
      NamedWeights weights, int index, List<Integer> dilations, int channels, Compute compute) {
    List<Conv1d> dilated = new ArrayList<>();
    List<Conv1d> second = new ArrayList<>();
    String name = "resblocks." + index + (config.twoConvolutions() ? ".convs1." : ".convs.");
    for (int i = 0; i < dilations.size(); i++) {
      dilated.add(convolution(weights, name + i + ".", channels, dilations.get(i), compute));
      if (config.twoConvolutions()) {
        String after = "resblocks." + index + ".convs2." + i + ".";
        second.add(convolution(weights, after, channels, 1, compute));
      }
    }
    return new Block(dilated, second);
  }

  private static Conv1d convolution(
      NamedWeights weights, String name, int in, int dilation, Compute compute) {
    int out = FoldedWeight.size(weights, name, 0);
    int kernel = FoldedWeight.size(weights, name, 2);
    if (kernel % 2 == 0) {
      throw TacotronConfig.mismatch(
          "Weight '" + name + "weight' has an even kernel of " + kernel + ".");
    }
    @Nullable TensorView bias = weights.weightIfPresent(name + "bias", out);
    return new Conv1d(
        FoldedWeight.read(weights, name, out, in, kernel),
        bias,
        dilation,
        dilation * (kernel - 1) / 2,
        compute);
  }

  int mels() {
    return mels;
  }

  int hop() {
    return config.hop();
  }

  int padding() {
    return config.padding();
  }

  /// The samples of some mel frames; longer than those by twice the padding.
  ///
  /// @param mel `[frames, mels]`
  /// @param padding frames that the ends are repeated by
  float[] apply(float[] mel, int padding, Cancellation cancellation) {
    return apply(mel, padding, CHUNK, Trace.NONE, cancellation);
  }

  /// As [#apply(float[], int, Cancellation)], bit for bit, with another number of frames at a time:
  /// chunks overlap by what their samples depend on.
  ///
  /// @param trace sees what flows between the layers, of every chunk
  float[] apply(float[] mel, int padding, int chunk, Trace trace, Cancellation cancellation) {
    float[] padded = padded(mel, padding);
    int frames = padded.length / mels;
    int chunks = Math.ceilDiv(frames, chunk);
    if (chunks <= 1) {
      return samples(padded, trace, cancellation);
    }
    float[] all = new float[length(frames)];
    for (int i = 0; i < chunks; i++) {
      // As long as one another, so that none is all overlap.
      int from = Math.toIntExact((long) frames * i / chunks);
      int to = Math.toIntExact((long) frames * (i + 1) / chunks);
      int begin = Math.max(0, from - reach);
      int end = Math.min(frames, to + reach);
      float[] part =
          samples(Arrays.copyOfRange(padded, begin * mels, end * mels), trace, cancellation);
      int at = from * hop();
      int count = (i == chunks - 1 ? all.length : to * hop()) - at;
      System.arraycopy(part, (from - begin) * hop(), all, at, count);
    }
    return all;
  }

  /// Samples of some frames; one more than the hops in a stage whose kernel is odd.
  private int length(int frames) {
    int length = frames;
    for (Stage stage : stages) {
      length = stage.up.frames(length);
    }
    return length;
  }

  private float[] samples(float[] mel, Trace trace, Cancellation cancellation) {
    int frames = mel.length / mels;
    float[] x = first.apply(mel, frames);
    trace.see("conv_pre", x, x.length);
    for (int s = 0; s < stages.size(); s++) {
      Stage stage = stages.get(s);
      leak(x, SLOPE);
      x = stage.up.apply(x, frames);
      frames = stage.up.frames(frames);
      trace.see("ups." + s, x, x.length);
      float[] sum = new float[x.length];
      for (int b = 0; b < stage.blocks.size(); b++) {
        cancellation.check();
        float[] y = residual(stage.blocks.get(b), x, frames);
        trace.see("resblocks." + (s * stage.blocks.size() + b), y, y.length);
        for (int i = 0; i < sum.length; i++) {
          sum[i] += y[i];
        }
      }
      for (int i = 0; i < sum.length; i++) {
        sum[i] /= stage.blocks.size();
      }
      x = sum;
    }
    leak(x, LAST_SLOPE);
    x = last.apply(x, frames);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.tanh(x[i]);
    }
    return x;
  }

  private static float[] residual(Block block, float[] x, int frames) {
    float[] y = x.clone();
    for (int i = 0; i < block.dilated.size(); i++) {
      float[] added = y.clone();
      leak(added, SLOPE);
      added = block.dilated.get(i).apply(added, frames);
      if (!block.second.isEmpty()) {
        leak(added, SLOPE);
        added = block.second.get(i).apply(added, frames);
      }
      for (int j = 0; j < y.length; j++) {
        y[j] += added[j];
      }
    }
    return y;
  }

  private float[] padded(float[] mel, int padding) {
    int frames = mel.length / mels;
    float[] padded = new float[(frames + 2 * padding) * mels];
    for (int t = 0; t < frames + 2 * padding; t++) {
      int from = Math.clamp(t - padding, 0, frames - 1);
      System.arraycopy(mel, from * mels, padded, t * mels, mels);
    }
    return padded;
  }

  private static void leak(float[] x, float slope) {
    for (int i = 0; i < x.length; i++) {
      x[i] = x[i] < 0 ? x[i] * slope : x[i];
    }
  }

  long ownBytes() {
    return bytes;
  }
}
