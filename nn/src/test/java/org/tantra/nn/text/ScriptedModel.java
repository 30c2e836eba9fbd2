package org.tantra.nn.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tantra.api.Cancellation;

/// A network that wants to say one fixed row of tokens, whatever it is asked, and counts what is
/// done to it.
final class ScriptedModel implements LanguageModel {
  private final int contextTokens;
  private final int vocab;
  private final int[] script;
  final List<int[]> appended = new ArrayList<>();
  int open;
  Runnable whileAppending = () -> {};

  ScriptedModel(int contextTokens, int vocab, int... script) {
    this.contextTokens = contextTokens;
    this.vocab = vocab;
    this.script = script;
  }

  /// Says a text in bytes, then ends it.
  static ScriptedModel saying(String text) {
    int[] ids = ByteTokenizer.withEnd().encode(text);
    int[] script = Arrays.copyOf(ids, ids.length + 1);
    script[ids.length] = ByteTokenizer.END;
    return new ScriptedModel(1000, ByteTokenizer.END + 1, script);
  }

  @Override
  public int contextTokens() {
    return contextTokens;
  }

  @Override
  public int vocab() {
    return vocab;
  }

  @Override
  public Session begin() {
    open++;
    return new ScriptedSession();
  }

  private final class ScriptedSession implements Session {
    private int position;
    private int said;
    private boolean closed;

    @Override
    public int position() {
      return position;
    }

    @Override
    public float[] append(int[] tokens, Cancellation cancellation) {
      whileAppending.run();
      cancellation.check();
      appended.add(tokens);
      position += tokens.length;
      float[] logits = new float[vocab];
      logits[script[Math.min(said++, script.length - 1)]] = 5;
      return logits;
    }

    @Override
    public Map<String, Double> measures() {
      return Map.of("steps", (double) said);
    }

    @Override
    public void close() {
      open -= closed ? 0 : 1;
      closed = true;
    }
  }
}
