package org.tantra.plugin.coqui;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

  /// Mel frames that are made to samples at a time: enough to keep two threads busy, few enough
  /// that what lies between the layers is small beside the weights.
  private static final int PART = 32;

  private final HifiGanConfig config;
  private final int mels;
  private final Conv1d first;
  private final List<Stage> stages = new ArrayList<>();
  private final Conv1d last;
  private final long bytes;

  private record Stage(TransposedConv1d up, List<Block> blocks) {}

  /// @param second empty in blocks of type 2
  private record Block(List<Conv1d> dilated, List<Conv1d> second) {}

  HifiGan(NamedWeights named, HifiGanConfig config, Compute compute) {
    this.config = config;
    FoldedWeights weights = new FoldedWeights(named);
    this.mels = weights.size("conv_pre.", 1);
    if (named.has("cond_layer.weight")) {
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
    weights.forgetCopied();
  }

  private TransposedConv1d up(FoldedWeights weights, int stage, int in, Compute compute) {
    String name = "ups." + stage + ".";
    int factor = config.factors().get(stage);
    int out = weights.size(name, 1);
    int kernel = weights.size(name, 2);
    if (kernel < factor) {
      throw TacotronConfig.mismatch(
          "Stage %d stretches by %d with a kernel of %d.".formatted(stage, factor, kernel));
    }
    return new TransposedConv1d(
        weights.read(name, in, out, kernel),
        weights.named().weight(name + "bias", out),
        factor,
        (kernel - factor) / 2,
        compute);
  }

  private Block block(
      FoldedWeights weights, int index, List<Integer> dilations, int channels, Compute compute) {
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
      FoldedWeights weights, String name, int in, int dilation, Compute compute) {
    int out = weights.size(name, 0);
    int kernel = weights.size(name, 2);
    if (kernel % 2 == 0) {
      throw TacotronConfig.mismatch(
          "Weight '" + name + "weight' has an even kernel of " + kernel + ".");
    }
    @Nullable TensorView bias = weights.named().weightIfPresent(name + "bias", out);
    return Conv1d.ofTaps(
        weights.readByTaps(name, out, in, kernel),
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
    return apply(mel, padding, PART, Trace.NONE, cancellation);
  }

  /// As [#apply(float[], int, Cancellation)], bit for bit, with another number of frames at a time.
  ///
  /// @param trace sees what flows between the layers, of one part after the other
  float[] apply(float[] mel, int padding, int part, Trace trace, Cancellation cancellation) {
    float[] padded = padded(mel, padding);
    int frames = padded.length / mels;
    float[] all = new float[samples(frames)];
    Run run = new Run(trace, cancellation);
    int made = 0;
    for (int from = 0; from < frames; from += Math.min(part, frames - from)) {
      int to = from + Math.min(part, frames - from);
      float[] wave = run.push(Arrays.copyOfRange(padded, from * mels, to * mels), to == frames);
      System.arraycopy(wave, 0, all, made, wave.length);
      made += wave.length;
    }
    return all;
  }

  /// How many samples some frames make: one more than the hops in a stage whose kernel is odd.
  private int samples(int frames) {
    int length = frames;
    for (Stage stage : stages) {
      length = stage.up.frames(length);
    }
    return length;
  }

  /// The way of one row of mel frames through the network, part by part. What later samples depend
  /// on waits in the layers, some frames of each.
  private final class Run {
    private final Trace trace;
    private final Cancellation cancellation;
    private final PartwiseConv begin = PartwiseConv.of(first);
    private final List<StageRun> way = new ArrayList<>();
    private final PartwiseConv end = PartwiseConv.of(last);

    Run(Trace trace, Cancellation cancellation) {
      this.trace = trace;
      this.cancellation = cancellation;
      stages.forEach(stage -> way.add(new StageRun(stage)));
    }

    /// @param mel the next frames
    /// @param last whether these are the last
    /// @return the samples that no frame to come changes
    float[] push(float[] mel, boolean last) {
      float[] x = begin.push(mel, last);
      trace.see("conv_pre", x, x.length);
      for (int s = 0; s < way.size(); s++) {
        cancellation.check();
        leak(x, SLOPE);
        x = way.get(s).push(x, last, s, trace);
      }
      leak(x, LAST_SLOPE);
      x = end.push(x, last);
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) Math.tanh(x[i]);
      }
      return x;
    }
  }

  private static final class StageRun {
    private final PartwiseConv up;
    private final List<BlockRun> blocks;

    StageRun(Stage stage) {
      up = PartwiseConv.of(stage.up);
      blocks = stage.blocks.stream().map(BlockRun::new).toList();
    }

    float[] push(float[] x, boolean last, int number, Trace trace) {
      float[] longer = up.push(x, last);
      trace.see("ups." + number, longer, longer.length);
      for (int b = 0; b < blocks.size(); b++) {
        float[] y = blocks.get(b).push(longer, last);
        trace.see("resblocks." + (number * blocks.size() + b), y, y.length);
        blocks.get(b).made.add(y);
      }
      // Blocks with longer kernels have fewer results yet.
      int common = blocks.stream().mapToInt(block -> block.made.size()).min().orElseThrow();
      float[] mean = new float[common];
      for (BlockRun block : blocks) {
        float[] y = block.made.take(common);
        for (int i = 0; i < common; i++) {
          mean[i] += y[i];
        }
      }
      for (int i = 0; i < common; i++) {
        mean[i] /= blocks.size();
      }
      return mean;
    }
  }

  private static final class BlockRun {
    private final List<PartwiseConv> dilated;
    private final List<PartwiseConv> second;

    /// The row before each residual, which waits for what is added to it.
    private final List<FrameQueue> unchanged = new ArrayList<>();

    /// Results that wait for those of the stage's other blocks.
    private final FrameQueue made = new FrameQueue();

    BlockRun(Block block) {
      dilated = block.dilated.stream().map(PartwiseConv::of).toList();
      second = block.second.stream().map(PartwiseConv::of).toList();
      dilated.forEach(_ -> unchanged.add(new FrameQueue()));
    }

    float[] push(float[] x, boolean last) {
      float[] y = x;
      for (int i = 0; i < dilated.size(); i++) {
        unchanged.get(i).add(y);
        float[] added = y.clone();
        leak(added, SLOPE);
        added = dilated.get(i).push(added, last);
        if (!second.isEmpty()) {
          leak(added, SLOPE);
          added = second.get(i).push(added, last);
        }
        y = unchanged.get(i).take(added.length);
        for (int j = 0; j < y.length; j++) {
          y[j] += added[j];
        }
      }
      return y;
    }
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

  /// @param slope below 1
  private static void leak(float[] x, float slope) {
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.max(x[i], x[i] * slope); // without a branch that signs decide
    }
  }

  long ownBytes() {
    return bytes;
  }
}
