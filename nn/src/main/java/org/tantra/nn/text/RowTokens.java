package org.tantra.nn.text;

import java.util.Arrays;
import java.util.List;

/// Tokens on their way through the layers of a network: several of one row, or as many of each of
/// several rows. They lie row by row.
///
/// @param <R> what the network remembers of a row
public final class RowTokens<R> {
  private final List<R> rows;
  private final int each;
  private final int[] positions;

  /// @param each tokens of each row
  /// @param positions how many tokens each row had before
  public RowTokens(List<R> rows, int each, int[] positions) {
    this.rows = rows;
    this.each = each;
    this.positions = positions;
  }

  /// The rows.
  public List<R> rows() {
    return rows;
  }

  /// Tokens of each row.
  public int each() {
    return each;
  }

  /// Tokens of all rows.
  public int count() {
    return rows.size() * each;
  }

  /// Which row a token belongs to.
  public R row(int token) {
    return rows.get(token / each);
  }

  /// Where a token stands in its row.
  public int position(int token) {
    return positions[token / each] + token % each;
  }

  /// Where tokens of the same place stand, one of each row.
  ///
  /// @param place below [#each()]
  public int[] positions(int place) {
    return Arrays.stream(positions).map(position -> position + place).toArray();
  }
}
