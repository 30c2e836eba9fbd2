package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.api.Compute;
import org.tantra.nn.Activation;
import org.tantra.nn.Attention;
import org.tantra.nn.Conv1d;
import org.tantra.nn.Embedding;
import org.tantra.nn.KvCache;
import org.tantra.nn.LayerNorm;
import org.tantra.nn.Trace;

/// The encoder: log-mel frames to one vector for each 20 ms.
///
/// @see <a href="https://arxiv.org/abs/2212.04356">Radford et al. 2022, section 2.2</a>
final class WhisperAudioNetwork {
  /// Positions at a time: often enough to use each weight, few enough that what lies between the
  /// maps stays small beside the weights.
  private static final int BLOCK = 256;

  private final WhisperConfig config;
  private final Conv1d conv1;
  private final Conv1d conv2;
  private final Embedding positions;
  private final List<Block> blocks = new ArrayList<>();
  private final LayerNorm finalNorm;
  private final Attention attention;

  private record Block(AttentionLayer self, InnerLayer inner) {}

  WhisperAudioNetwork(WhisperConfig config, WhisperWeights.Audio weights, Compute compute) {
    this.config = config;
    this.conv1 = new Conv1d(weights.conv1().weight(), weights.conv1().bias(), 1, 1, compute);
    this.conv2 = new Conv1d(weights.conv2().weight(), weights.conv2().bias(), 1, 1, 2, compute);
    this.positions = new Embedding(weights.positions());
    for (WhisperWeights.Block block : weights.blocks()) {
      blocks.add(
          new Block(AttentionLayer.of(block.self(), compute), InnerLayer.of(block, compute)));
    }
    this.finalNorm = AttentionLayer.norm(weights.norm());
    this.attention =
        new Attention(config.audioHeads(), config.audioHeads(), config.headDim(), compute);
  }

  /// Encodes one window.
  ///
  /// @param mel normalised log-mel, `[2 · positions, mels]`
  /// @param trace sees `conv2` before positions are added, and `hidden.N`
  /// @return `[positions, hidden]`
  float[] encode(float[] mel, Cancellation cancellation, Trace trace) {
    int hidden = config.hidden();
    int count = config.audioPositions();
    float[] wide = conv1.apply(mel, config.frames());
    Activation.GELU_ERF.apply(wide, 0, wide.length);
    cancellation.check();
    float[] x = conv2.apply(wide, config.frames());
    Activation.GELU_ERF.apply(x, 0, x.length);
    trace.see("conv2", x, x.length);
    for (int t = 0; t < count; t++) {
      positions.addTo(x, t * hidden, t);
    }
    trace.see("hidden.0", x, x.length);
    try (KvCache cache = new KvCache(1, config.audioHeads(), config.headDim(), count)) {
      cache.reserve(count);
      Buffers buffers = new Buffers(Math.min(BLOCK, count) * hidden);
      for (int layer = 0; layer < blocks.size(); layer++) {
        cancellation.check();
        attend(blocks.get(layer).self(), x, buffers, cache);
        blocks.get(layer).inner().addTo(x, count);
        if (layer < blocks.size() - 1) {
          trace.see("hidden." + (layer + 1), x, x.length);
        }
      }
    }
    finalNorm.apply(x, x, count);
    trace.see("hidden." + blocks.size(), x, x.length);
    return x;
  }

  /// Arrays that every layer uses again, `[block, hidden]` each.
  private static final class Buffers {
    final float[] normed;
    final float[] first;
    final float[] second;

    Buffers(int length) {
      normed = new float[length];
      first = new float[length];
      second = new float[length];
    }
  }

  /// `x += out(attention(norm(x)))`, a block of positions at a time: first keys and values of all,
  /// then who looks at them.
  private void attend(AttentionLayer layer, float[] x, Buffers buffers, KvCache cache) {
    int hidden = config.hidden();
    int count = config.audioPositions();
    for (int from = 0; from < count; from += BLOCK) {
      int block = Math.min(BLOCK, count - from);
      normalise(layer, x, from, block, buffers);
      layer.key().apply(buffers.first, buffers.normed, block);
      layer.value().apply(buffers.second, buffers.normed, block);
      for (int t = 0; t < block; t++) {
        cache.put(0, from + t, buffers.first, t * hidden, buffers.second, t * hidden);
      }
    }
    float scale = (float) (1 / Math.sqrt(config.headDim()));
    for (int from = 0; from < count; from += BLOCK) {
      int block = Math.min(BLOCK, count - from);
      normalise(layer, x, from, block, buffers);
      layer.query().apply(buffers.first, buffers.normed, block);
      attention.applyToAll(buffers.normed, buffers.first, hidden, block, cache, 0, count, scale);
      layer.out().apply(buffers.second, buffers.normed, block);
      for (int i = 0; i < block * hidden; i++) {
        x[from * hidden + i] += buffers.second[i];
      }
    }
  }

  private void normalise(AttentionLayer layer, float[] x, int from, int count, Buffers buffers) {
    int hidden = config.hidden();
    System.arraycopy(x, from * hidden, buffers.normed, 0, count * hidden);
    layer.norm().apply(buffers.normed, buffers.normed, count);
  }

  /// Bytes held beside the weights.
  long ownBytes() {
    long bytes = conv1.ownBytes() + conv2.ownBytes() + finalNorm.ownBytes();
    for (Block block : blocks) {
      bytes += block.self().ownBytes() + block.inner().ownBytes();
    }
    return bytes;
  }
}
