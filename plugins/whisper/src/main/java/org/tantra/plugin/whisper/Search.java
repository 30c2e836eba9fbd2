package org.tantra.plugin.whisper;

import java.util.List;

/// Finds a good row of tokens over one window.
interface Search {
  /// @param opening what the rows begin with
  /// @param first filtered scores of the first token
  /// @param rows the opening's row, to go on from
  /// @param steps most tokens
  /// @param context most tokens of a row
  /// @return what was found, in the order in which equally good ones are preferred; at least one
  List<Hypothesis> run(List<Integer> opening, float[] first, RowSet rows, int steps, int context);
}
