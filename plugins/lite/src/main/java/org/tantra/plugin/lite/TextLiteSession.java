package org.tantra.plugin.lite;

import static org.tantra.plugin.lite.NgramTable.EDGE;
import static org.tantra.plugin.lite.NgramTable.MAX_ORDER;
import static org.tantra.plugin.lite.NgramTable.SYMBOLS;

import java.util.Arrays;
import org.tantra.api.Cancellation;
import org.tantra.nn.text.Session;

/// One running text.
///
/// The next symbol's probabilities are counted where the end of the text occurs in the corpus, from
/// the longest context that occurs to shorter ones, as Witten and Bell mix them: a context seen `c`
/// times with `t` different successors keeps `c / (c + t)` of the mass and leaves the rest to the
/// next shorter one. Four things differ from the textbook:
///
/// - An occurrence counts as much as its document fits the text so far ([Topic]), so a question
///   finds its answer.
/// - No context is shorter than the word being written with the word before it, or, where those two
///   never meet in the corpus, than the word being written: every word is a word of the corpus. A
///   word that the corpus does not know is left to end.
/// - The text ends only where the end of a document occurs in full length, and goes on with a space
///   elsewhere: a prompt that ends like a document, with a full stop, is answered all the same.
/// - A symbol that followed earlier in this text after the same [History#REPEATED] symbols loses
///   [#REPETITION] of its weight each time. A loop passes the same contexts again and again, so
///   each round makes the way out likelier until it is the likeliest: no choice by the highest
///   probability can go around forever.
///
/// All of this depends on the tokens alone, so equal texts give equal logits, however they came in.
///
/// @see <a href="https://doi.org/10.1109/18.87000">Witten and Bell 1991, method C</a>
final class TextLiteSession implements Session {
  private static final double REPETITION = 1.0 / 32;

  /// Mass below which shorter contexts are not worth looking at.
  private static final double NEGLIGIBLE = 1e-6;

  /// Probability of what the corpus rules out: finite as a logarithm, and never drawn.
  private static final double FLOOR = 1e-30;

  private static final int TOKENS_BETWEEN_CHECKS = 256;

  private final NgramTable table;
  private final int contextTokens;
  private final History history = new History();
  private final Topic topic;

  private final int[] low = new int[MAX_ORDER + 1];
  private final int[] high = new int[MAX_ORDER + 1];
  private final int[] followers = new int[SYMBOLS];
  private final double[] counted = new double[SYMBOLS];
  private final double[] probabilities = new double[SYMBOLS];
  private final float[] logits = new float[SYMBOLS];

  TextLiteSession(NgramTable table, Topics topics, int contextTokens) {
    this.table = table;
    this.contextTokens = contextTokens;
    topic = new Topic(topics);
  }

  @Override
  public int position() {
    return history.length();
  }

  @Override
  public float[] append(int[] tokens, Cancellation cancellation) {
    if (tokens.length == 0 || tokens.length > contextTokens - history.length()) {
      throw new IllegalArgumentException(
          tokens.length + " tokens after " + history.length() + " of " + contextTokens);
    }
    for (int i = 0; i < tokens.length; i++) {
      if (i % TOKENS_BETWEEN_CHECKS == 0) {
        cancellation.check();
      }
      if (tokens[i] < 0 || tokens[i] >= SYMBOLS) {
        throw new IllegalArgumentException("token id " + tokens[i] + " of " + SYMBOLS);
      }
      history.append(tokens[i]);
      topic.read(tokens[i]);
    }
    predict();
    return logits;
  }

  private void predict() {
    Arrays.fill(probabilities, 0);
    int longest = match();
    int word = wordLength(0) + 1;
    if (longest < word) {
      endWord();
    } else {
      int wordBefore = word + wordLength(word) + 1;
      mix(longest, longest >= wordBefore ? wordBefore : word);
      if (longest < MAX_ORDER) {
        probabilities[' '] += probabilities[EDGE];
        probabilities[EDGE] = 0;
      }
    }
    history.countFollowers(followers);
    double sum = 0;
    for (int symbol = 0; symbol < SYMBOLS; symbol++) {
      probabilities[symbol] *= StrictMath.pow(REPETITION, followers[symbol]);
      probabilities[symbol] += FLOOR;
      sum += probabilities[symbol];
    }
    for (int symbol = 0; symbol < SYMBOLS; symbol++) {
      logits[symbol] = (float) StrictMath.log(probabilities[symbol] / sum);
    }
  }

  /// Finds the places of the corpus where the end of the text occurs, for each length.
  ///
  /// @return the longest length that occurs
  private int match() {
    low[0] = 0;
    high[0] = table.places();
    for (int length = 0; length < MAX_ORDER; length++) {
      int symbol = contextSymbol(length);
      int from = table.lowerBound(low[length], high[length], length, symbol);
      int to = table.lowerBound(from, high[length], length, symbol + 1);
      if (from == to) {
        return length;
      }
      low[length + 1] = from;
      high[length + 1] = to;
      if (symbol == EDGE) {
        return length + 1;
      }
    }
    return MAX_ORDER;
  }

  /// A line of the text may begin as a document does.
  private int contextSymbol(int distance) {
    int symbol = history.last(distance);
    return symbol == '\n' ? EDGE : symbol;
  }

  /// Letters in a row before the last `skipped` symbols, as far as contexts reach.
  private int wordLength(int skipped) {
    int length = 0;
    while (skipped + length < MAX_ORDER - 1 && isLetter(history.last(skipped + length))) {
      length++;
    }
    return length;
  }

  /// Letters of any script: every byte outside ASCII counts.
  static boolean isLetter(int symbol) {
    return (symbol >= 'a' && symbol <= 'z')
        || (symbol >= 'A' && symbol <= 'Z')
        || (symbol > 127 && symbol < EDGE);
  }

  private void mix(int longest, int shortest) {
    float[] weights = topic.weights();
    Arrays.fill(counted, 0);
    double total = 0;
    double left = 1;
    for (int length = longest; length >= shortest && left > 0; length--) {
      // The stretch of a longer context lies inside this one and is counted already.
      int innerLow = length == longest ? high[length] : low[length + 1];
      int innerHigh = length == longest ? high[length] : high[length + 1];
      total += count(low[length], innerLow, weights) + count(innerHigh, high[length], weights);
      double occurrences = high[length] - low[length];
      double share = left * occurrences / (occurrences + distinct());
      if (length == shortest || left - share < NEGLIGIBLE) {
        share = left;
      }
      for (int symbol = 0; symbol < SYMBOLS; symbol++) {
        probabilities[symbol] += share * counted[symbol] / total;
      }
      left -= share;
    }
  }

  private double count(int from, int to, float[] weights) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      float weight = weights[table.document(i)];
      counted[table.symbol(i)] += weight;
      sum += weight;
    }
    return sum;
  }

  private int distinct() {
    int distinct = 0;
    for (double count : counted) {
      if (count > 0) {
        distinct++;
      }
    }
    return distinct;
  }

  /// After a word that the corpus does not know: a space, and sometimes the end of the sentence.
  private void endWord() {
    probabilities[' '] = 0.9;
    probabilities['.'] = 0.1;
  }

  @Override
  public void close() {}
}
