package org.tantra.plugin.lite;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import org.tantra.nn.text.ByteTokenizer;

/// Where in the corpus a context occurs, for contexts of up to [#MAX_ORDER] symbols.
///
/// The corpus is one row of symbols: bytes, with [#EDGE] before, between and after the documents.
/// Every place of the row that the model may write is sorted by what stands before it, read
/// backwards. All places with the same context then lie side by side, and a longer context is a
/// part of the stretch of a shorter one. Immutable; safe from any thread.
final class NgramTable {
  /// Longest context. Long enough for three or four words; longer ones would only recite.
  static final int MAX_ORDER = 18;

  /// The symbol at both ends of a document; a line break in a context counts as the same.
  static final int EDGE = ByteTokenizer.END;

  /// Number of different symbols.
  static final int SYMBOLS = EDGE + 1;

  /// How many symbols of an answer to any question count as its opening: enough to choose it, and
  /// few enough that its words do not turn up in other texts.
  private static final int OPENING = 40;

  private static final int SYMBOL_BITS = 9;
  private static final int PLACE_BITS = 18;
  private static final int SYMBOLS_PER_KEY = 5; // 5 · 9 + 18 = 63 bits: a key is never negative

  private final short[] symbols;
  private final short[] documents;
  private final int[] sorted;

  NgramTable(List<Corpus.Document> corpus) {
    int length = 1;
    int writable = 0;
    for (Corpus.Document document : corpus) {
      int text = document.text().getBytes(UTF_8).length + 1;
      length += document.cue().length() + text;
      writable += text;
    }
    if (length >= 1 << PLACE_BITS || corpus.size() > Short.MAX_VALUE) {
      throw new IllegalArgumentException("a corpus of " + length + " symbols is too large");
    }
    symbols = new short[length];
    documents = new short[length];
    sorted = new int[writable];
    fill(corpus);
    sort(new long[writable], 0, writable, 0);
  }

  private void fill(List<Corpus.Document> corpus) {
    int place = 0;
    int count = 0;
    symbols[place++] = EDGE;
    for (int document = 0; document < corpus.size(); document++) {
      for (byte symbol : corpus.get(document).cue().getBytes(UTF_8)) {
        symbols[place++] = (short) Byte.toUnsignedInt(symbol);
      }
      int text = place;
      boolean fitsAnyQuestion = corpus.get(document).fitsAnyQuestion();
      for (byte symbol : corpus.get(document).text().getBytes(UTF_8)) {
        symbols[place++] = (short) Byte.toUnsignedInt(symbol);
      }
      symbols[place++] = EDGE;
      for (int written = text; written < place; written++) {
        boolean noTopic = fitsAnyQuestion && written - text >= OPENING;
        documents[written] = (short) (noTopic ? corpus.size() : document);
        sorted[count++] = written;
      }
    }
  }

  /// Sorts a stretch of equal contexts by the next symbols, a few at a time packed into one number.
  private void sort(long[] keys, int from, int to, int depth) {
    for (int i = from; i < to; i++) {
      keys[i] = key(sorted[i], depth);
    }
    Arrays.sort(keys, from, to);
    for (int i = from; i < to; i++) {
      sorted[i] = (int) (keys[i] & ((1 << PLACE_BITS) - 1));
    }
    if (depth + SYMBOLS_PER_KEY >= MAX_ORDER) {
      return;
    }
    int start = from;
    for (int i = from + 1; i <= to; i++) {
      if (i == to || keys[i] >> PLACE_BITS != keys[start] >> PLACE_BITS) {
        if (i - start > 1) {
          sort(keys, start, i, depth + SYMBOLS_PER_KEY);
        }
        start = i;
      }
    }
  }

  private long key(int place, int depth) {
    long key = 0;
    for (int i = depth; i < depth + SYMBOLS_PER_KEY; i++) {
      key = key << SYMBOL_BITS | before(place, i);
    }
    return key << PLACE_BITS | place;
  }

  /// The symbol `distance` steps before the one next to a place. Beyond the row's beginning lies
  /// more of the edge; matching never gets there.
  private int before(int place, int distance) {
    int at = place - 1 - distance;
    return at < 0 ? EDGE : symbols[at];
  }

  /// How many places there are.
  int places() {
    return sorted.length;
  }

  /// What stands at a place.
  int symbol(int index) {
    return symbols[sorted[index]];
  }

  /// Which document a place belongs to; the number after the last document for places of no topic.
  int document(int index) {
    return documents[sorted[index]];
  }

  /// The first index in a stretch of equal contexts of length `depth` whose next symbol backwards
  /// is at least `symbol`.
  int lowerBound(int from, int to, int depth, int symbol) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (before(sorted[middle], depth) < symbol) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// Bytes of the arrays.
  long bytes() {
    return 2L * symbols.length + 2L * documents.length + 4L * sorted.length;
  }
}
