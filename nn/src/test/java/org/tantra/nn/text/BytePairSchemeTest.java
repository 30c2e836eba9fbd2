package org.tantra.nn.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.MatchResult;
import org.junit.jupiter.api.Test;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// Qwen2's normalisation and split, as far as they show without the vocabulary.
final class BytePairSchemeTest {
  /// Each piece becomes one token or more, and pieces that became one token did so everywhere with
  /// the same id.
  @Test
  void piecesFitTheTokensOfTheReference() throws IOException {
    Map<String, Integer> idOfPiece = new HashMap<>();
    Map<Integer, String> pieceOfId = new HashMap<>();
    int whole = 0;
    for (JsonNode one : golden().get("cases")) {
      String text = one.get("text").textValue();
      List<String> pieces =
          BytePairScheme.QWEN2
              .split()
              .matcher(BytePairScheme.QWEN2.normalise(text))
              .results()
              .map(MatchResult::group)
              .toList();
      assertEquals(Normalizer.normalize(text, Normalizer.Form.NFC), String.join("", pieces));
      JsonNode ids = one.get("ids");
      assertTrue(pieces.size() <= ids.size(), text);
      for (int i = 0; pieces.size() == ids.size() && i < ids.size(); i++) {
        whole++;
        String piece = pieces.get(i);
        int id = ids.get(i).intValue();
        assertEquals(idOfPiece.computeIfAbsent(piece, _ -> id), id, text);
        assertEquals(pieceOfId.computeIfAbsent(id, _ -> piece), piece, text);
      }
    }
    assertTrue(whole > 100, () -> "only " + idOfPiece.size() + " pieces");
  }

  @Test
  void textIsComposedAndComesBack() {
    BytePairTokenizer tokenizer = bytes(Map.of("<|im_end|>", 300));

    assertArrayEquals(tokenizer.encode("caf\u00e9"), tokenizer.encode("cafe\u0301"));
    assertEquals("caf\u00e9 12\r\n!", decoded(tokenizer, tokenizer.encode("cafe\u0301 12\r\n!")));
  }

  @Test
  void addedTokensAreSpecial() {
    BytePairTokenizer tokenizer = bytes(Map.of("<|im_end|>", 300));

    assertEquals(301, tokenizer.vocab());
    assertArrayEquals(new int[] {97, 300, 98}, tokenizer.encodeWithSpecials("a<|im_end|>b"));
    assertEquals(12, tokenizer.encode("a<|im_end|>b").length);
    assertEquals(0, tokenizer.bytes(300).length);
  }

  @Test
  void addedTokenWithATakenIdIsCorrupt() {
    TantraException e = assertThrows(TantraException.class, () -> bytes(Map.of("<|im_end|>", 97)));

    assertEquals(ErrorKind.CORRUPT, e.kind());
    assertTrue(e.getMessage().contains("'<|im_end|>' has the id 97"), e.getMessage());
  }

  /// A vocabulary of the 256 bytes, their values as ids.
  private static BytePairTokenizer bytes(Map<String, Integer> added) {
    Map<String, Object> vocab = new LinkedHashMap<>();
    char next = 256;
    for (int value = 0; value < 256; value++) {
      boolean itself = (value > 32 && value < 127) || (value > 160 && value != 173);
      vocab.put(String.valueOf(itself ? (char) value : next++), value);
    }
    return BytePairTokenizer.of(
        BytePairScheme.QWEN2,
        Settings.of("vocab.json", vocab),
        List.of(),
        added,
        Set.of(),
        OptionalInt.empty());
  }

  private static String decoded(Tokenizer tokenizer, int[] ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      bytes.writeBytes(tokenizer.bytes(id));
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static JsonNode golden() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            BytePairSchemeTest.class.getResourceAsStream("/golden/qwen2-bpe/expected.json"))) {
      return new ObjectMapper().readTree(in);
    }
  }
}
