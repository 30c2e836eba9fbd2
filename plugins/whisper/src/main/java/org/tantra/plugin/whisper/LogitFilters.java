package org.tantra.plugin.whisper;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Rules about which token may come next, applied in order to the scores of a row: masked ones
/// become negative infinity.
final class LogitFilters {
  /// One rule.
  @FunctionalInterface
  interface Filter {
    /// @param logits `[vocab]`, changed
    /// @param tokens all of the row so far, the opening included
    void apply(float[] logits, List<Integer> tokens);
  }

  private final List<Filter> filters;

  LogitFilters(List<Filter> filters) {
    this.filters = List.copyOf(filters);
  }

  /// The rules of some options.
  ///
  /// @param begin how many tokens the opening has
  static LogitFilters of(WhisperTokenizer tokenizer, DecodingOptions options, int begin) {
    List<Filter> filters = new ArrayList<>();
    if (options.suppressBlank()) {
      filters.add(blank(tokenizer, begin));
    }
    Set<Integer> suppressed = suppressed(tokenizer, options.suppressed());
    filters.add((logits, _) -> suppressed.forEach(id -> mask(logits, id, id + 1)));
    if (options.timestamps()) {
      filters.add(new TimestampRules(tokenizer.specials(), begin, options.latestStart()));
    }
    return new LogitFilters(filters);
  }

  /// A transcript begins neither with a space alone nor with its end.
  static Filter blank(WhisperTokenizer tokenizer, int begin) {
    int[] blank = tokenizer.encode(" ");
    int end = tokenizer.specials().end();
    return (logits, tokens) -> {
      if (tokens.size() == begin) {
        for (int id : blank) {
          mask(logits, id, id + 1);
        }
        mask(logits, end, end + 1);
      }
    };
  }

  /// Ids that are never chosen, in order. An empty list suppresses nothing at all.
  static Set<Integer> suppressed(WhisperTokenizer tokenizer, List<Integer> asked) {
    Set<Integer> ids = new TreeSet<>(asked);
    if (asked.isEmpty()) {
      return ids;
    }
    if (ids.remove(-1)) {
      ids.addAll(tokenizer.notSpoken());
    }
    ids.addAll(tokenizer.specials().neverChosen());
    return ids;
  }

  void apply(float[] logits, List<Integer> tokens) {
    filters.forEach(filter -> filter.apply(logits, tokens));
  }

  static void mask(float[] logits, int from, int to) {
    int first = Math.clamp(from, 0, logits.length);
    Arrays.fill(logits, first, Math.clamp(to, first, logits.length), Float.NEGATIVE_INFINITY);
  }
}
