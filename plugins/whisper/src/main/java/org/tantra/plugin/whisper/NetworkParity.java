package org.tantra.plugin.whisper;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.tantra.api.Cancellation;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.api.tensor.Shape;
import org.tantra.nn.Trace;
import org.tantra.nn.parity.Comparison;

/// Compares the network with the reference: every layer of the encoder and the decoder, attention
/// to the window, and greedy continuation with and without the cache.
public final class NetworkParity implements ParityCheck {
  @Override
  public Set<String> families() {
    return Set.of("whisper-hf");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    double tolerance = golden.expected().section("tolerance").number("max_abs");
    Comparison comparison = new Comparison(golden, tolerance, 0);
    try (Arena copies = Arena.ofShared()) {
      WhisperNetwork network = WhisperNetwork.of(golden.checkpoint(), golden.compute(), copies);
      float[] audio = encoder(comparison, network, "in.input_features");
      try (CrossCache cross = network.text().cross(audio)) {
        teacherForced(comparison, network, cross, "in.decoder_input_ids");
        greedy(comparison, network, cross, golden.expected().section("greedy"));
      }
      if (golden.checkpoint().json("vocab.json").isPresent()) {
        tokenizer(
            comparison,
            VocabularyFiles.read(golden.checkpoint(), network.config()),
            golden.expected().section("tokenizer_files"));
      }
      return comparison.findings();
    }
  }

  private static void tokenizer(
      Comparison comparison, WhisperTokenizer tokenizer, Settings expected) {
    for (Settings entry : Entries.of(expected, "examples")) {
      comparison.checkExactly(
          "ids of '" + entry.text("text") + "'",
          tokenizer.encode(entry.text("text")),
          Entries.ints(entry, "ids"));
    }
    for (Settings entry : Entries.of(expected, "decode")) {
      comparison.checkExactly(
          "text of " + entry.integers("ids"),
          tokenizer.text(entry.integers("ids")).codePoints().toArray(),
          entry.text("text").codePoints().toArray());
    }
  }

  /// Compares what the encoder makes of the log-mel tensor `input`.
  ///
  /// @return its output
  static float[] encoder(Comparison comparison, WhisperNetwork network, String input) {
    Shape shape = comparison.info(input).shape();
    float[] mel =
        Layouts.transposed(
            comparison.floats(input),
            Math.toIntExact(shape.size(0)),
            Math.toIntExact(shape.size(1)));
    float[] audio = network.audio().encode(mel, Cancellation.NEVER, checking(comparison, "enc."));
    comparison.check("enc.out", audio);
    comparison.check(
        "pooled.mean",
        PooledAudio.mean(audio, network.config().audioPositions(), network.config()));
    return audio;
  }

  private static Trace checking(Comparison comparison, String prefix) {
    return (place, x, length) -> {
      if (comparison.has(prefix + place)) {
        comparison.check(prefix + place, Arrays.copyOf(x, length));
      }
    };
  }

  /// Compares logits of given tokens, and what each head looks at.
  static void teacherForced(
      Comparison comparison, WhisperNetwork network, CrossCache cross, String input) {
    WhisperTextNetwork text = network.text();
    int[] tokens = comparison.integers(input);
    try (TextRow row = text.begin()) {
      float[] states =
          text.forward(
              List.of(row),
              List.of(tokens),
              cross,
              Cancellation.NEVER,
              new WhisperTextNetwork.Traces(
                  checking(comparison, "dec."),
                  (layer, queries, count) -> {
                    String name = "dec.cross_attn." + layer;
                    String raw = "dec.cross_qk." + layer;
                    if (comparison.has(name)) {
                      comparison.check(name, heads(text, queries, count, cross, layer, true));
                    }
                    if (comparison.has(raw)) {
                      comparison.check(raw, heads(text, queries, count, cross, layer, false));
                    }
                  }));
      comparison.check("logits", text.logits(states, tokens.length));
    }
  }

  private static float[] heads(
      WhisperTextNetwork text,
      float[] queries,
      int tokens,
      CrossCache cross,
      int layer,
      boolean probabilities) {
    int positions = text.config().audioPositions();
    int heads = text.config().textHeads();
    float[] all = new float[heads * tokens * positions];
    for (int head = 0; head < heads; head++) {
      float[] scores = cross.scores(queries, tokens, layer, head);
      System.arraycopy(scores, 0, all, head * tokens * positions, scores.length);
    }
    for (int row = 0; probabilities && row < heads * tokens; row++) {
      LogProbabilities.softmax(all, row * positions, positions);
    }
    return all;
  }

  private static void greedy(
      Comparison comparison, WhisperNetwork network, CrossCache cross, Settings greedy) {
    int[] prompt = Entries.ints(greedy, "prompt_ids");
    int[] expected = Entries.ints(greedy, "new_ids");
    int count = expected.length;
    comparison.checkExactly(
        "greedy, cached", continued(network, cross, prompt, count, true), expected);
    comparison.checkExactly(
        "greedy, not cached", continued(network, cross, prompt, count, false), expected);
  }

  private static int[] continued(
      WhisperNetwork network, CrossCache cross, int[] prompt, int count, boolean cached) {
    WhisperTextNetwork text = network.text();
    List<Integer> tokens = new ArrayList<>();
    for (int token : prompt) {
      tokens.add(token);
    }
    TextRow row = text.begin();
    try {
      int from = 0;
      while (tokens.size() < prompt.length + count) {
        if (!cached) {
          row.close();
          row = text.begin();
          from = 0;
        }
        int[] more = tokens.subList(from, tokens.size()).stream().mapToInt(i -> i).toArray();
        float[] states =
            text.forward(
                List.of(row),
                List.of(more),
                cross,
                Cancellation.NEVER,
                WhisperTextNetwork.Traces.NONE);
        int hidden = network.config().hidden();
        float[] last = Arrays.copyOfRange(states, (more.length - 1) * hidden, more.length * hidden);
        from = tokens.size();
        tokens.add(LogProbabilities.best(text.logits(last, 1)));
      }
    } finally {
      row.close();
    }
    return tokens.subList(prompt.length, tokens.size()).stream().mapToInt(i -> i).toArray();
  }
}
