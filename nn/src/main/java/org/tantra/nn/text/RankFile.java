package org.tantra.nn.text;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// A rank file of tiktoken, checked.
final class RankFile {
  /// Of a damaged line, what a message shows.
  private static final int SHOWN = 40;

  private final String origin;
  private final RankTable ranks;
  private final int[] idOfRank;
  private final int count;

  private RankFile(String origin, List<String> lines) {
    this.origin = origin;
    this.ranks = new RankTable(lines.size());
    this.count = lines.size();
    int[] ids = new int[count];
    for (int id = 0; id < count; id++) {
      byte[] token = token(lines.get(id), id);
      // An empty token has an id, but no rank.
      if (token.length > 0) {
        ids[ranks.size()] = id;
        if (!ranks.add(token)) {
          throw corrupt(origin + " has the token with id " + id + " twice");
        }
      }
    }
    idOfRank = Arrays.copyOf(ids, ranks.size());
    for (int value = 0; value < 256; value++) {
      if (ranks.of(new byte[] {(byte) value}, 0, 1) == RankTable.NONE) {
        throw corrupt(origin + " has no token for the byte " + value);
      }
    }
  }

  static RankFile read(String origin, String text) {
    return new RankFile(origin, text.lines().filter(line -> !line.isBlank()).toList());
  }

  private byte[] token(String line, int id) {
    int space = line.indexOf(' ');
    if (space >= 0 && line.substring(space + 1).strip().equals(Integer.toString(id))) {
      String token = line.substring(0, space);
      if (token.equals("=")) {
        return new byte[0];
      }
      try {
        return Base64.getDecoder().decode(token);
      } catch (IllegalArgumentException _) {
        // Said below.
      }
    }
    String shown = line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line;
    throw corrupt(
        "%s has '%s' where a token in base 64 with rank %d should be".formatted(origin, shown, id));
  }

  private static TantraException corrupt(String what) {
    return new TantraException(ErrorKind.CORRUPT, what + ". Fetch the vocabulary again.");
  }

  RankTable ranks() {
    return ranks;
  }

  int[] idOfRank() {
    return idOfRank;
  }

  /// Tokens, the empty ones included.
  int count() {
    return count;
  }
}
