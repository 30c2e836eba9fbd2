package org.tantra.plugin.coqui;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.tantra.nn.Conv1d;
import org.tantra.nn.TransposedConv1d;

/// A convolution of a row that comes in parts: keeps the frames that results still to come depend
/// on, and gives each result as soon as no frame to come changes it. Parts make, bit for bit, what
/// the whole row makes.
///
/// For one row and one thread.
final class PartwiseConv {
  private final Layer layer;
  private final int in;
  private final int out;
  private final int stride;

  /// How many results of some frames no further frame changes.
  private final IntUnaryOperator settled;

  /// The first frame that a result depends on; negative ones are the zeros before the row.
  private final IntUnaryOperator firstFrame;

  /// Frames from the first one on that the next result depends on, or from the first of the row.
  private float[] kept = {};

  /// Index of the next result among those of what is kept.
  private int next;

  @FunctionalInterface
  private interface Layer {
    float[] apply(float[] x, int frames);
  }

  private PartwiseConv(
      Layer layer,
      int in,
      int out,
      int stride,
      IntUnaryOperator settled,
      IntUnaryOperator firstFrame) {
    this.layer = layer;
    this.in = in;
    this.out = out;
    this.stride = stride;
    this.settled = settled;
    this.firstFrame = firstFrame;
  }

  /// @param conv with stride 1, whose result is as long as its row
  static PartwiseConv of(Conv1d conv) {
    int padding = conv.padding();
    return new PartwiseConv(
        conv::apply,
        conv.in(),
        conv.out(),
        1,
        frames -> frames - padding,
        result -> result - padding);
  }

  static PartwiseConv of(TransposedConv1d conv) {
    int stride = conv.stride();
    int padding = conv.padding();
    return new PartwiseConv(
        conv::apply,
        conv.in(),
        conv.out(),
        stride,
        frames -> frames * stride - padding,
        result -> Math.floorDiv(result + padding - conv.kernel(), stride) + 1);
  }

  /// @param x the next frames, `[frames, in]`, perhaps none
  /// @param last whether these are the last
  /// @return the next results, `[results, out]`, perhaps none
  float[] push(float[] x, boolean last) {
    float[] row = FrameQueue.joined(kept, x);
    int frames = row.length / in;
    float[] y = frames == 0 ? row : layer.apply(row, frames);
    int end = last ? y.length / out : Math.max(next, settled.applyAsInt(frames));
    float[] results = Arrays.copyOfRange(y, next * out, end * out);
    int first = Math.clamp(firstFrame.applyAsInt(end), 0, frames);
    kept = Arrays.copyOfRange(row, first * in, row.length);
    next = end - first * stride;
    return results;
  }
}
