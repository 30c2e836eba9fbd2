package org.tantra.nn.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// `vocab.json` and `merges.txt`, checked: the bytes of each rank, the id of each rank, and the
/// tokens that no merge makes.
final class BytePairVocabulary {
  /// A table is made as long as the largest id; no published vocabulary comes near this.
  private static final int MAXIMUM_ID = 1 << 22;

  private static final int BYTES = 256;

  private final Settings vocab;
  private final RankTable ranks;
  private final List<Integer> idOfRank = new ArrayList<>();
  private final Set<String> ranked = new HashSet<>();
  private final Map<String, Integer> specials = new HashMap<>();
  private int largestId;

  private BytePairVocabulary(Settings vocab, int merges) {
    this.vocab = vocab;
    this.ranks = new RankTable(BYTES + merges);
  }

  static BytePairVocabulary read(Settings vocab, List<String> merges, Map<String, Integer> added) {
    BytePairVocabulary read = new BytePairVocabulary(vocab, merges.size());
    for (int value = 0; value < BYTES; value++) {
      read.rank(ByteAlphabet.spell(value), "byte " + value);
    }
    for (int line = 0; line < merges.size(); line++) {
      read.merge(merges.get(line), line + 1);
    }
    read.collectSpecials(added);
    return read;
  }

  private void merge(String line, int number) {
    if (line.isBlank() || (number == 1 && line.startsWith("#version"))) {
      return;
    }
    String where = "line " + number + " of merges.txt";
    String[] pair = line.split(" ", -1);
    if (pair.length != 2 || !ranked.contains(pair[0]) || !ranked.contains(pair[1])) {
      throw corrupt(
          where
              + " is '"
              + line
              + "'; two tokens made by earlier lines are needed, with one space between");
    }
    // Two merges may make the same token; the more important one has given it its rank.
    if (!ranked.contains(pair[0] + pair[1])) {
      rank(pair[0] + pair[1], where);
    }
  }

  private void rank(String token, String where) {
    if (!vocab.has(token)) {
      throw corrupt(vocab.origin() + " has no token '" + token + "', which " + where + " needs");
    }
    int id = idOf(token);
    // Merges of spelled bytes are spelled bytes.
    ranks.add(ByteAlphabet.bytes(token).orElseThrow());
    ranked.add(token);
    idOfRank.add(id);
  }

  private void collectSpecials(Map<String, Integer> added) {
    Set<Integer> taken = new HashSet<>();
    for (String token : vocab.keys()) {
      int id = idOf(token);
      if (!taken.add(id)) {
        throw corrupt(vocab.origin() + " gives id " + id + " twice, again to '" + token + "'");
      }
      largestId = Math.max(largestId, id);
      if (!ranked.contains(token)) {
        specials.put(token, id);
      }
    }
    added.forEach(
        (token, id) -> {
          boolean known = vocab.has(token) && idOf(token) == id;
          if (!known && (!taken.add(id) || id < 0 || id > MAXIMUM_ID)) {
            throw corrupt(
                "added token '"
                    + token
                    + "' has the id "
                    + id
                    + ", which "
                    + vocab.origin()
                    + " gives to another token or cannot have");
          }
          largestId = Math.max(largestId, id);
          specials.put(token, id);
        });
  }

  private int idOf(String token) {
    int id;
    try {
      id = vocab.integer(token);
    } catch (TantraException e) {
      throw new TantraException(ErrorKind.CORRUPT, String.valueOf(e.getMessage()), e);
    }
    if (id < 0 || id > MAXIMUM_ID) {
      throw corrupt(vocab.origin() + " gives '" + token + "' the id " + id);
    }
    return id;
  }

  private static TantraException corrupt(String what) {
    return new TantraException(
        ErrorKind.CORRUPT, what + ". Fetch the tokenizer files again; they belong together.");
  }

  /// The tokens that merging may make.
  RankTable ranks() {
    return ranks;
  }

  int[] idOfRank() {
    return idOfRank.stream().mapToInt(Integer::intValue).toArray();
  }

  /// One more than the largest id.
  int vocab() {
    return largestId + 1;
  }

  /// Tokens that stand for themselves, by their text.
  Map<String, Integer> specials() {
    return specials;
  }
}
