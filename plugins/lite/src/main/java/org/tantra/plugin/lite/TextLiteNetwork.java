package org.tantra.plugin.lite;

import org.tantra.nn.text.LanguageModel;
import org.tantra.nn.text.Session;

/// The language model behind `text-lite`: an n-gram table and the topics of its documents.
final class TextLiteNetwork implements LanguageModel {
  private static final int CONTEXT_TOKENS = 1 << 16;

  private final NgramTable table;
  private final Topics topics;

  TextLiteNetwork(Corpus corpus) {
    table = new NgramTable(corpus.documents());
    topics = new Topics(corpus);
  }

  @Override
  public int contextTokens() {
    return CONTEXT_TOKENS;
  }

  @Override
  public int vocab() {
    return NgramTable.SYMBOLS;
  }

  @Override
  public Session begin() {
    return new TextLiteSession(table, topics, CONTEXT_TOKENS);
  }

  /// Bytes of the tables.
  long bytes() {
    return table.bytes() + topics.bytes();
  }
}
