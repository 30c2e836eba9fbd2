package org.tantra.plugin.mamba;

import org.tantra.nn.Softmax;

/// The likeliest reading of a line by connectionist temporal classification: the best class of each
/// column, repetitions once, blanks left out.
///
/// Used by one thread, a column at a time.
///
/// @see <a href="https://doi.org/10.1145/1143844.1143891">Graves et al. 2006, section 3.2</a>
final class CtcReading implements OcrNetwork.Reader {
  private static final int BLANK = 0;

  private final int vocab;
  private final StringBuilder text = new StringBuilder();
  private double sum;
  private int characters;
  private int before = BLANK;

  /// @param vocab classes; class `c` is the code point `c`
  CtcReading(int vocab) {
    this.vocab = vocab;
  }

  @Override
  public void read(float[] scores, int at) {
    int best = 0;
    for (int i = 1; i < vocab; i++) {
      best = scores[at + i] > scores[at + best] ? i : best;
    }
    if (best != BLANK && best != before && isCharacter(best)) {
      Softmax.apply(scores, at, vocab);
      sum += scores[at + best];
      characters++;
      text.appendCodePoint(best);
    }
    before = best;
  }

  private static boolean isCharacter(int id) {
    return Character.isValidCodePoint(id)
        && !(id >= Character.MIN_SURROGATE && id <= Character.MAX_SURROGATE)
        && !Character.isISOControl(id);
  }

  String text() {
    return text.toString();
  }

  /// Mean probability of the columns that gave a character; 0 for an empty line.
  double confidence() {
    return characters == 0 ? 0 : sum / characters;
  }
}
