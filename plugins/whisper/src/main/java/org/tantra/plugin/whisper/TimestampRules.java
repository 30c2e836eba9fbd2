package org.tantra.plugin.whisper;

import java.util.List;

/// Timestamps come in pairs, never go back, stand at the beginning, and are taken if all of them
/// together are more probable than any text.
///
/// @param begin how many tokens the opening has
/// @param latestStart index of the latest first timestamp; -1 for any
/// @see <a href="https://arxiv.org/abs/2212.04356">Radford et al. 2022, section 4.5</a>
record TimestampRules(SpecialTokens specials, int begin, int latestStart)
    implements LogitFilters.Filter {
  @Override
  public void apply(float[] logits, List<Integer> tokens) {
    int first = specials.firstTimestamp();
    LogitFilters.mask(logits, specials.noTimestamps(), specials.noTimestamps() + 1);
    List<Integer> said = tokens.subList(begin, tokens.size());
    boolean closing = !said.isEmpty() && specials.timestamp(said.getLast());
    boolean paired = said.size() < 2 || specials.timestamp(said.get(said.size() - 2));
    if (closing && paired) {
      LogitFilters.mask(logits, first, logits.length);
    } else if (closing) {
      LogitFilters.mask(logits, 0, specials.end());
    }
    said.stream()
        .filter(specials::timestamp)
        .reduce((_, later) -> later)
        .ifPresent(last -> LogitFilters.mask(logits, first, closing && !paired ? last : last + 1));
    if (said.isEmpty()) {
      LogitFilters.mask(logits, 0, first);
      if (latestStart >= 0) {
        LogitFilters.mask(logits, first + latestStart + 1, logits.length);
      }
    }
    preferTimestamps(logits);
  }

  private void preferTimestamps(float[] logits) {
    int first = specials.firstTimestamp();
    double timestamps = LogProbabilities.logSumExp(logits, first, logits.length);
    float text = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < first; i++) {
      text = Math.max(text, logits[i]);
    }
    if (timestamps > text) {
      LogitFilters.mask(logits, 0, first);
    }
  }
}
