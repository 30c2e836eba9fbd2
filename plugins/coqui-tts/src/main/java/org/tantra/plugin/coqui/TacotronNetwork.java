package org.tantra.plugin.coqui;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.nn.Trace;

/// Tacotron 2: characters to mel frames.
///
/// @see <a href="https://arxiv.org/abs/1712.05884">Shen et al. 2017</a>
final class TacotronNetwork {
  /// The network may not stop before it has taken two steps, whatever it says.
  private static final int LEAST_STEPS = 2;

  private static final double STOP_ABOVE = 0.5;

  private final TacotronConfig config;
  private final TacotronEncoder encoder;
  private final TacotronDecoder decoder;
  private final List<ConvBlock> postnet = new ArrayList<>();

  TacotronNetwork(NamedWeights weights, TacotronConfig config, Compute compute) {
    this.config = config;
    this.encoder = new TacotronEncoder(weights, compute);
    this.decoder = new TacotronDecoder(weights, config, encoder.out(), compute);
    int width = decoder.mels();
    for (int i = 0; i < weights.count("postnet.convolutions."); i++) {
      ConvBlock block = new ConvBlock(weights, "postnet.convolutions." + i + ".", width, compute);
      postnet.add(block);
      width = block.out();
    }
    if (width != decoder.mels()) {
      throw TacotronConfig.mismatch(
          "The post-net ends with %d bands, frames have %d.".formatted(width, decoder.mels()));
    }
  }

  /// What was decoded of one sentence.
  ///
  /// @param raw mel frames before the post-net, `[frames, mels]`
  /// @param mel mel frames, `[frames, mels]`
  /// @param steps decoder steps
  /// @param stopped whether the network ended it, not the limit
  @SuppressWarnings("ArrayRecordComponent") // lives within one call
  record Decoded(float[] raw, float[] mel, int steps, boolean stopped) {}

  int vocab() {
    return encoder.vocab();
  }

  int mels() {
    return decoder.mels();
  }

  int reduction() {
    return config.reduction();
  }

  int maximumSteps() {
    return config.maximumSteps();
  }

  /// @return `[characters, width]`
  float[] encode(int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= vocab()) {
        throw new TantraException(
            ErrorKind.CORRUPT,
            "config.json names character %d, the embedding has %d rows. The config belongs to another checkpoint."
                .formatted(id, vocab()));
      }
    }
    return encoder.apply(ids);
  }

  /// The encoded characters as attention compares them with its query.
  float[] prepared(float[] encoded, int characters) {
    return decoder.prepared(encoded, characters);
  }

  TacotronDecoder.Run begin(float[] encoded, int characters) {
    return decoder.begin(encoded, characters);
  }

  /// Decodes until the network says stop or the limit is reached.
  Decoded decode(int[] ids, int maximumSteps, StepTrace trace, Cancellation cancellation) {
    int steps = Math.min(maximumSteps, config.maximumSteps());
    int block = decoder.reduction() * mels();
    float[] raw = new float[Math.min(steps, 256) * block];
    float[] encoded = encode(ids);
    TacotronDecoder.Run run = begin(encoded, ids.length);
    float[] before = new float[mels()];
    boolean stopped = false;
    int step = 0;
    while (step < steps && !stopped) {
      cancellation.check();
      float[] frames = run.step(before, trace.of(step));
      if ((step + 1) * block > raw.length) {
        raw = Arrays.copyOf(raw, Math.min(steps * block, 2 * raw.length));
      }
      System.arraycopy(frames, 0, raw, step * block, block);
      System.arraycopy(frames, block - mels(), before, 0, mels());
      trace.stepped(step, run);
      step++;
      stopped = run.stopProbability() > STOP_ABOVE && step >= LEAST_STEPS;
    }
    raw = Arrays.copyOf(raw, step * block);
    cancellation.check();
    return new Decoded(raw, refine(raw), step, stopped);
  }

  /// The post-net: what it adds makes frames sharper.
  ///
  /// @param raw `[frames, mels]`
  /// @return `[frames, mels]`
  float[] refine(float[] raw) {
    int frames = raw.length / mels();
    float[] x = raw;
    for (int i = 0; i < postnet.size(); i++) {
      x = postnet.get(i).apply(x, frames);
      if (i + 1 < postnet.size()) {
        for (int j = 0; j < x.length; j++) {
          x[j] = (float) Math.tanh(x[j]);
        }
      }
    }
    float[] sum = raw.clone();
    for (int i = 0; i < sum.length && !postnet.isEmpty(); i++) {
      sum[i] += x[i];
    }
    return sum;
  }

  /// Looks at the steps of the decoder; for parity checks.
  interface StepTrace {
    /// Who sees what flows inside of a step.
    default Trace of(int step) {
      return Trace.NONE;
    }

    /// After a step.
    default void stepped(int step, TacotronDecoder.Run run) {}

    /// Nobody looks.
    StepTrace NONE = new StepTrace() {};
  }

  long ownBytes() {
    return encoder.ownBytes() + postnet.stream().mapToLong(ConvBlock::ownBytes).sum();
  }
}
