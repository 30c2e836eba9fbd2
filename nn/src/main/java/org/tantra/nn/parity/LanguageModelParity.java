package org.tantra.nn.parity;

import java.util.Arrays;
import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.api.ParityCase;
import org.tantra.api.Sampling;
import org.tantra.nn.text.LanguageModel;
import org.tantra.nn.text.Sampler;
import org.tantra.nn.text.Session;

/// The outputs that golden cases of all language models have in common, as `logits`,
/// `cached.logits`, `batch.*` and the greedy continuation.
public final class LanguageModelParity {
  private final Comparison comparison;
  private final LanguageModel model;

  public LanguageModelParity(Comparison comparison, LanguageModel model) {
    this.comparison = comparison;
    this.model = model;
  }

  /// Compares whatever of the common outputs the case has.
  ///
  /// @param prefill how many tokens `cached.logits` takes at once before it steps
  public void compare(ParityCase golden, int prefill) {
    if (comparison.has("logits")) {
      int[] ids = comparison.integers("input_ids");
      comparison.check("logits", logits(ids, ids.length));
    }
    if (comparison.has("cached.logits")) {
      comparison.check("cached.logits", logits(comparison.integers("input_ids"), prefill));
    }
    if (comparison.has("batch.logits")) {
      batchLogits();
    }
    if (comparison.has("batch.greedy_new_ids")) {
      batchGreedy();
    }
    List<Integer> promptIds = golden.expected().section("greedy").integers("prompt_ids");
    if (!promptIds.isEmpty()) {
      int[] expected = toArray(golden.expected().section("greedy").integers("new_ids"));
      int[] actual = greedy(model, toArray(promptIds), expected.length);
      comparison.checkExactly("greedy.new_ids", actual, expected);
    }
  }

  /// Logits of every position, `[tokens, vocab]`, from one session that takes `prefill` tokens at
  /// once and then steps.
  public float[] logits(int[] ids, int prefill) {
    int vocab = model.vocab();
    float[] all = new float[ids.length * vocab];
    try (Session session = model.begin()) {
      session.append(
          Arrays.copyOf(ids, prefill),
          Cancellation.NEVER,
          (index, logits) -> System.arraycopy(logits, 0, all, index * vocab, vocab));
      for (int i = prefill; i < ids.length; i++) {
        float[] logits = session.append(new int[] {ids[i]}, Cancellation.NEVER);
        System.arraycopy(logits, 0, all, i * vocab, vocab);
      }
    }
    return all;
  }

  /// The likeliest continuation; an end-of-text token does not end it.
  public static int[] greedy(LanguageModel model, int[] prompt, int count) {
    int[] added = new int[count];
    Sampler sampler = new Sampler(Sampling.GREEDY, model.vocab());
    try (Session session = model.begin()) {
      float[] logits = session.append(prompt, Cancellation.NEVER);
      for (int i = 0; i < count; i++) {
        added[i] = sampler.next(logits);
        if (i + 1 < count) {
          logits = session.append(new int[] {added[i]}, Cancellation.NEVER);
        }
      }
    }
    return added;
  }

  /// Each left-padded row, computed alone and without its padding.
  private void batchLogits() {
    int[][] rows = batchRows();
    int length = Math.toIntExact(comparison.info("batch.input_ids").shape().size(1));
    int vocab = model.vocab();
    float[] all = new float[rows.length * length * vocab];
    boolean[] counts = new boolean[all.length];
    for (int r = 0; r < rows.length; r++) {
      float[] logits = logits(rows[r], rows[r].length);
      int at = ((r + 1) * length - rows[r].length) * vocab;
      System.arraycopy(logits, 0, all, at, logits.length);
      Arrays.fill(counts, at, at + logits.length, true);
    }
    comparison.check("batch.logits", all, counts);
  }

  private void batchGreedy() {
    int[][] rows = batchRows();
    int count = Math.toIntExact(comparison.info("batch.greedy_new_ids").shape().size(1));
    int[] all = new int[rows.length * count];
    for (int r = 0; r < rows.length; r++) {
      System.arraycopy(greedy(model, rows[r], count), 0, all, r * count, count);
    }
    comparison.checkExactly("batch.greedy_new_ids", all);
  }

  private int[][] batchRows() {
    int[] ids = comparison.integers("batch.input_ids");
    int[] mask = comparison.integers("batch.attention_mask");
    int count = Math.toIntExact(comparison.info("batch.input_ids").shape().size(0));
    int length = ids.length / count;
    int[][] rows = new int[count][];
    for (int r = 0; r < count; r++) {
      int padding = 0;
      while (padding < length && mask[r * length + padding] == 0) {
        padding++;
      }
      rows[r] = Arrays.copyOfRange(ids, r * length + padding, (r + 1) * length);
    }
    return rows;
  }

  private static int[] toArray(List<Integer> ids) {
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }
}
