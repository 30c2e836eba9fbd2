package org.tantra.plugin.lite;

/// What a running text is about: a weight for each document of the corpus, from the words read so
/// far, recent ones before old ones.
final class Topic {
  /// What is left of a word's score after each further word that says something.
  private static final float FADING = 0.9f;

  /// Limit of a document's score; e to this power is how much one document can outweigh another.
  private static final float HIGHEST_SCORE = 14;

  private static final int LONGEST_WORD = 32;

  private final Topics topics;
  private final float[] scores;
  private final float[] weights;
  private final StringBuilder word = new StringBuilder();
  private boolean stale = true;

  Topic(Topics topics) {
    this.topics = topics;
    scores = new float[topics.documents()];
    weights = new float[topics.documents()];
  }

  /// Reads one symbol; a word counts once it has ended.
  void read(int symbol) {
    if (TextLiteSession.isLetter(symbol)) {
      if (word.length() < LONGEST_WORD) {
        word.append((char) symbol);
      }
    } else if (!word.isEmpty()) {
      stale |= topics.read(word.toString(), scores, FADING);
      word.setLength(0);
    }
  }

  /// The weight of each document, all positive; valid until the next symbol.
  float[] weights() {
    if (stale) {
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) StrictMath.exp(topics.prior(i) + Math.min(scores[i], HIGHEST_SCORE));
      }
      stale = false;
    }
    return weights;
  }
}
