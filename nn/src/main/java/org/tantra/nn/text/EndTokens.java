package org.tantra.nn.text;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What ends a text when a model chooses it: ids that its configuration names, and special tokens
/// that end a text wherever a tokenizer has them, such as the end of a turn.
///
/// @param ids from the configuration
/// @param texts of special tokens
public record EndTokens(Set<Integer> ids, Set<String> texts) {
  public EndTokens {
    ids = Set.copyOf(ids);
    texts = Set.copyOf(texts);
  }

  /// Ids alone.
  public static EndTokens of(Set<Integer> ids) {
    return new EndTokens(ids, Set.of());
  }

  /// All ids.
  ///
  /// @param specials of the tokenizer, by their text
  Set<Integer> ids(Map<String, Integer> specials) {
    Set<Integer> all = new HashSet<>(ids);
    specials.forEach(
        (text, id) -> {
          if (texts.contains(text)) {
            all.add(id);
          }
        });
    return Set.copyOf(all);
  }
}
