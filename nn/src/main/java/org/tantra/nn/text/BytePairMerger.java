package org.tantra.nn.text;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.function.IntConsumer;

/// Byte-pair encoding of one piece of text: neighbours are merged, those first whose token has the
/// least rank, and of these the leftmost, until no neighbours make a token.
///
/// A piece that is a token stays whole even where merging would not lead to it, as in tiktoken. The
/// time is that of sorting the piece's bytes, however long it is.
///
/// @see <a href="https://arxiv.org/abs/1508.07909">Sennrich et al. 2016, section 3.2</a>
final class BytePairMerger {
  private final RankTable ranks;
  private final byte[] piece;

  /// For the byte that begins a part: where the next part begins.
  private final int[] next;

  /// For the byte that begins a part: where the part before begins.
  private final int[] previous;

  /// For the byte that begins a part: the rank of what it makes with the next part.
  private final int[] merged;

  /// Rank and, below it, the first byte of neighbours that can be merged. What has changed since is
  /// still there, and known by its rank.
  private final PriorityQueue<Long> queue = new PriorityQueue<>();

  private BytePairMerger(RankTable ranks, byte[] piece) {
    this.ranks = ranks;
    this.piece = piece;
    next = new int[piece.length];
    previous = new int[piece.length];
    merged = new int[piece.length];
    Arrays.setAll(next, i -> i + 1);
    Arrays.setAll(previous, i -> i - 1);
    for (int i = 0; i < piece.length; i++) {
      offer(i);
    }
  }

  /// Gives the ranks of the tokens that spell a piece, in order.
  ///
  /// @param ranks with every single byte
  static void encode(RankTable ranks, byte[] piece, IntConsumer to) {
    int whole = ranks.of(piece, 0, piece.length);
    if (whole != RankTable.NONE) {
      to.accept(whole);
      return;
    }
    BytePairMerger merger = new BytePairMerger(ranks, piece);
    merger.run();
    for (int i = 0; i < piece.length; i = merger.next[i]) {
      to.accept(ranks.of(piece, i, merger.next[i]));
    }
  }

  private void run() {
    for (Long least = queue.poll(); least != null; least = queue.poll()) {
      int at = least.intValue();
      if (merged[at] != (int) (least >> Integer.SIZE)) {
        continue;
      }
      int gone = next[at];
      merged[gone] = RankTable.NONE;
      next[at] = next[gone];
      if (next[at] < piece.length) {
        previous[next[at]] = at;
      }
      offer(at);
      if (at > 0) {
        offer(previous[at]);
      }
    }
  }

  /// Puts a part and the one behind it in the queue, if they make a token.
  private void offer(int at) {
    int second = next[at];
    merged[at] = second < piece.length ? ranks.of(piece, at, next[second]) : RankTable.NONE;
    if (merged[at] != RankTable.NONE) {
      queue.add((long) merged[at] << Integer.SIZE | at);
    }
  }
}
