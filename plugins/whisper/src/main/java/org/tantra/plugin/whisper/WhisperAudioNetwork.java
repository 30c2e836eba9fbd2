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
      Buffers buffers = new Buffers(count * hidden);
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

  /// Arrays that every layer uses again, `[positions, hidden]` each.
  private static final class Buffers {
    final float[] normed;
    final float[] query;
    final float[] key;
    final float[] value;

    Buffers(int length) {
      normed = new float[length];
      query = new float[length];
      key = new float[length];
      value = new float[length];
    }
  }

  /// `x += out(attention(norm(x)))`
  private void attend(AttentionLayer layer, float[] x, Buffers buffers, KvCache cache) {
    int hidden = config.hidden();
    int count = config.audioPositions();
    float[] normed = buffers.normed;
    float[] query = buffers.query;
    float[] key = buffers.key;
    float[] value = buffers.value;
    layer.norm().apply(normed, x, count);
    layer.query().apply(query, normed, count);
    layer.key().apply(key, normed, count);
    layer.value().apply(value, normed, count);
    for (int t = 0; t < count; t++) {
      cache.put(0, t, key, t * hidden, value, t * hidden);
    }
    float scale = (float) (1 / Math.sqrt(config.headDim()));
    attention.applyToAll(normed, query, hidden, count, cache, 0, count, scale);
    layer.out().apply(query, normed, count);
    for (int i = 0; i < count * hidden; i++) {
      x[i] += query[i];
    }
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
