package org.tantra.plugin.coqui;

import java.util.Arrays;
import java.util.Random;
import org.tantra.api.Compute;
import org.tantra.nn.Linear;
import org.tantra.nn.LstmCell;
import org.tantra.nn.Trace;

/// Encoded characters to mel frames, `reduction` of them a step.
final class TacotronDecoder {
  private final TacotronConfig config;
  private final Prenet prenet;
  private final LstmCell attentionCell;
  private final TacotronAttention attention;
  private final LstmCell decoderCell;
  private final Linear projection;
  private final Linear stop;
  private final int mels;
  private final int encoded;

  TacotronDecoder(NamedWeights weights, TacotronConfig config, int encoded, Compute compute) {
    this.config = config;
    this.encoded = encoded;
    this.mels = weights.size("decoder.prenet.linear_layers.0.linear_layer.weight", 2, 1);
    this.prenet = new Prenet(weights, config, mels, compute);
    this.attentionCell = cell(weights, "decoder.attention_rnn.", prenet.out() + encoded, compute);
    this.attention =
        new TacotronAttention(weights, config, attentionCell.hidden(), encoded, compute);
    this.decoderCell =
        cell(weights, "decoder.decoder_rnn.", attentionCell.hidden() + encoded, compute);
    int hidden = decoderCell.hidden();
    String name = "decoder.linear_projection.linear_layer.";
    int projected = weights.size(name + "weight", 2, 0);
    if (projected % mels != 0 || projected < config.reduction() * mels) {
      throw TacotronConfig.mismatch(
          "Weight '%sweight' has %d rows for frames of %d bands; %d frames a step are asked for."
              .formatted(name, projected, mels, config.reduction()));
    }
    this.projection =
        Linear.rows(
            weights.weight(name + "weight", projected, (long) hidden + encoded),
            weights.weight(name + "bias", projected),
            compute);
    String stopName = "decoder.stopnet.1.linear_layer.";
    this.stop =
        Linear.rows(
            weights.weight(stopName + "weight", 1, (long) hidden + projected),
            weights.weight(stopName + "bias", 1),
            compute);
  }

  private static LstmCell cell(NamedWeights weights, String name, int in, Compute compute) {
    int hidden = weights.size(name + "weight_hh", 2, 1);
    return new LstmCell(
        weights.weight(name + "weight_ih", 4L * hidden, in),
        weights.weight(name + "weight_hh", 4L * hidden, hidden),
        weights.weight(name + "bias_ih", 4L * hidden),
        weights.weight(name + "bias_hh", 4L * hidden),
        compute);
  }

  int mels() {
    return mels;
  }

  /// Frames of one step.
  int reduction() {
    return config.reduction();
  }

  float[] prepared(float[] characters, int count) {
    return attention.prepare(characters, count);
  }

  /// Begins a sentence.
  ///
  /// @param characters encoded, `[count, encoded]`
  Run begin(float[] characters, int count) {
    return new Run(attention.begin(characters, count));
  }

  /// One sentence being decoded. Used by one thread.
  final class Run {
    private final TacotronAttention.Gaze gaze;
    private final LstmCell.State query = attentionCell.begin();
    private final LstmCell.State state = decoderCell.begin();
    // Which numbers a pre-net drops repeats from run to run.
    private final Random random = new Random(0);
    private final float[] projected = new float[projection.out()];
    private final float[] stopLogit = new float[1];

    private Run(TacotronAttention.Gaze gaze) {
      this.gaze = gaze;
    }

    /// One step.
    ///
    /// @param before the last frame of the step before, `[mels]`; zeros at first
    /// @return `[reduction, mels]`, an array of its own
    float[] step(float[] before, Trace trace) {
      float[] narrow = prenet.apply(before, random);
      trace.see("prenet", narrow, narrow.length);
      attentionCell.step(query, joined(narrow, gaze.context()));
      trace.see("query", query.hidden(), query.hidden().length);
      trace.see("attention_cell", query.cell(), query.cell().length);
      gaze.step(query.hidden());
      trace.see("context", gaze.context(), encoded);
      decoderCell.step(state, joined(query.hidden(), gaze.context()));
      trace.see("decoder_hidden", state.hidden(), state.hidden().length);
      trace.see("decoder_cell", state.cell(), state.cell().length);
      projection.apply(projected, joined(state.hidden(), gaze.context()), 1);
      stop.apply(stopLogit, joined(state.hidden(), projected), 1);
      trace.see("stop_logit", stopLogit, 1);
      float[] frames = Arrays.copyOf(projected, config.reduction() * mels);
      trace.see("output", frames, frames.length);
      return frames;
    }

    /// How sure the network is that the last step was the last, 0 to 1.
    double stopProbability() {
      return 1 / (1 + Math.exp(-stopLogit[0]));
    }

    float stopLogit() {
      return stopLogit[0];
    }

    /// Which characters the last step looked at, `[count]`.
    double[] alignment() {
      return gaze.weights();
    }
  }

  private static float[] joined(float[] a, float[] b) {
    float[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
