package org.tantra.nn.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// The vocabulary within a GGUF file, that of the golden case among them.
final class GgufTokenizerTest {
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void free() {
    arena.close();
  }

  private static Map<String, Object> attributes() throws IOException {
    Map<String, Object> vocab =
        TextCheckpoint.parse(TextCheckpoint.golden("gpt2-bpe-tiny/vocab.json"));
    List<String> tokens = new ArrayList<>();
    List<Integer> types = new ArrayList<>();
    for (int id = 0; id < vocab.size(); id++) {
      tokens.add("");
      types.add(1);
    }
    vocab.forEach((token, id) -> tokens.set((Integer) id, token));
    types.set(511, 3);
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("tokenizer.ggml.model", "gpt2");
    attributes.put("tokenizer.ggml.pre", "gpt-2");
    attributes.put("tokenizer.ggml.tokens", tokens);
    attributes.put("tokenizer.ggml.token_type", types);
    attributes.put(
        "tokenizer.ggml.merges",
        TextCheckpoint.golden("gpt2-bpe-tiny/merges.txt").lines().skip(1).toList());
    attributes.put("tokenizer.ggml.eos_token_id", 511);
    return attributes;
  }

  private Tokenizer tokenizer(Map<String, Object> attributes, int vocab) {
    TextCheckpoint checkpoint = new TextCheckpoint(Map.of(), Settings.of("a.gguf", attributes));
    return TokenizerFiles.find(
            checkpoint, vocab, EndTokens.of(Set.of(511)), OptionalInt.empty(), arena)
        .orElseThrow();
  }

  @Test
  void idsAreThoseOfTheReference() throws IOException {
    Tokenizer tokenizer = tokenizer(attributes(), 512);
    JsonNode cases =
        new ObjectMapper()
            .readTree(TextCheckpoint.golden("gpt2-bpe-tiny/expected.json"))
            .get("cases");
    for (JsonNode entry : cases) {
      String text = entry.get("text").textValue();
      int[] ids = entry.get("ids").valueStream().mapToInt(JsonNode::intValue).toArray();
      assertArrayEquals(ids, tokenizer.encode(text), text);
      assertEquals(text, BytePairTokenizerGoldenTest.decode(tokenizer, ids));
    }
    assertTrue(cases.size() > 20);
    assertArrayEquals(new int[] {64, 511}, tokenizer.encodeWithSpecials("a<|endoftext|>"));
    assertEquals(Set.of(511), tokenizer.endIds());
  }

  @Test
  void tokensOfTheUserBelongToTheText() throws IOException {
    Map<String, Object> attributes = attributes();
    append(attributes, "tokenizer.ggml.tokens", "   ");
    append(attributes, "tokenizer.ggml.token_type", 4);
    Tokenizer tokenizer = tokenizer(attributes, 513);
    assertArrayEquals(new int[] {64, 512, 64}, tokenizer.encode("a   a"));
    assertEquals("   ", new String(tokenizer.bytes(512), UTF_8));
  }

  private static void append(Map<String, Object> attributes, String key, Object value) {
    List<Object> longer = new ArrayList<>(Settings.of("a.gguf", attributes).list(key));
    longer.add(value);
    attributes.put(key, longer);
  }

  @Test
  void textOfQwen2IsComposed() throws IOException {
    Map<String, Object> attributes = attributes();
    attributes.put("tokenizer.ggml.pre", "qwen2");
    // "e\u0301" is composed first.
    assertArrayEquals(
        tokenizer(attributes, 512).encode("\u00e9"), tokenizer(attributes, 512).encode("e\u0301"));
  }

  @Test
  void unknownKindsLeaveTokenIds() throws IOException {
    Map<String, Object> attributes = attributes();
    attributes.put("tokenizer.ggml.model", "llama");
    Tokenizer tokenizer = tokenizer(attributes, 512);
    TantraException e = assertThrows(TantraException.class, () -> tokenizer.encode("a"));
    assertTrue(e.getMessage().contains("kind 'llama', split as 'gpt-2'"), e.getMessage());
  }

  @Test
  void moreTokensThanTheModelAreRefused() throws IOException {
    Map<String, Object> attributes = attributes();
    TantraException e = assertThrows(TantraException.class, () -> tokenizer(attributes, 500));
    assertEquals(ErrorKind.CORRUPT, e.kind());
  }

  @Test
  void wrongTypesAreCorrupt() throws IOException {
    for (String key : attributes().keySet()) {
      Map<String, Object> attributes = attributes();
      attributes.put(key, Map.of("a", 1));
      TantraException e =
          assertThrows(TantraException.class, () -> tokenizer(attributes, 512), key);
      assertEquals(ErrorKind.CORRUPT, e.kind(), key);
    }
  }
}
