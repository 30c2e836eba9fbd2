package org.tantra.nn.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// Token ids against those of the reference tokenizer.
final class BytePairTokenizerGoldenTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TestFactory
  Stream<DynamicTest> publishedVocabulary() throws IOException {
    return cases("gpt2-bpe", BytePairTokenizer.r50kBase());
  }

  @TestFactory
  Stream<DynamicTest> vocabularyFromFiles() throws IOException {
    return cases("gpt2-bpe-tiny", tiny());
  }

  /// A case for each string of a golden case, for whatever reads its vocabulary.
  static Stream<DynamicTest> cases(String name, Tokenizer tokenizer) throws IOException {
    return JSON.readTree(resource(name, "expected.json"))
        .get("cases")
        .valueStream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.get("text").toString(), () -> requireSameIds(tokenizer, entry)));
  }

  private static void requireSameIds(Tokenizer tokenizer, JsonNode entry) {
    String text = entry.get("text").textValue();
    assertArrayEquals(ids(entry.get("ids")), tokenizer.encode(text));
    JsonNode special =
        entry.has("ids_special_allowed") ? entry.get("ids_special_allowed") : entry.get("ids");
    assertArrayEquals(ids(special), tokenizer.encodeWithSpecials(text));
    assertEquals(text, decode(tokenizer, tokenizer.encode(text)));
  }

  private static int[] ids(JsonNode array) {
    return array.valueStream().mapToInt(JsonNode::intValue).toArray();
  }

  static String decode(Tokenizer tokenizer, int[] ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      bytes.writeBytes(tokenizer.bytes(id));
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void specialTokensHaveNoBytes() {
    assertEquals(0, BytePairTokenizer.r50kBase().bytes(50256).length);
    assertEquals(0, BytePairTokenizer.r50kBase().bytes(50257).length);
    assertEquals(0, BytePairTokenizer.r50kBase().bytes(-1).length);
  }

  @Test
  void specialTokensInTheMiddleAreFound() throws IOException {
    int[] ids = tiny().encodeWithSpecials("a<|endoftext|>b<|endoftext|>");
    assertArrayEquals(new int[] {64, 511, 65, 511}, ids);
  }

  @Test
  void missingByteIsNamed() throws IOException {
    Map<String, Object> vocab = vocab();
    vocab.remove("!");
    assertCorrupt("byte 33", vocab, List.of());
  }

  @Test
  void mergeOfUnknownTokensIsNamedWithItsLine() throws IOException {
    assertCorrupt("line 2 of merges.txt", vocab(), List.of("#version: 0.2", "Ġt zz"));
  }

  @Test
  void mergeWithoutIdIsNamed() throws IOException {
    assertCorrupt("'!!'", vocab(), List.of("! !"));
  }

  @Test
  void idGivenTwiceIsNamed() throws IOException {
    Map<String, Object> vocab = vocab();
    vocab.put("<|other|>", 511);
    assertCorrupt("id 511 twice", vocab, List.of());
  }

  @Test
  void absurdIdIsRefusedBeforeATableIsMade() throws IOException {
    Map<String, Object> vocab = vocab();
    vocab.put("<|other|>", Integer.MAX_VALUE);
    assertCorrupt("2147483647", vocab, List.of());
  }

  private static void assertCorrupt(String part, Map<String, Object> vocab, List<String> merges) {
    TantraException e =
        assertThrows(
            TantraException.class,
            () ->
                BytePairTokenizer.of(
                    Settings.of("vocab.json", vocab), merges, Set.of(), OptionalInt.empty()));
    assertEquals(ErrorKind.CORRUPT, e.kind());
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  private static Tokenizer tiny() throws IOException {
    List<String> merges =
        new String(resource("gpt2-bpe-tiny", "merges.txt"), StandardCharsets.UTF_8)
            .lines()
            .toList();
    return BytePairTokenizer.of(
        Settings.of("vocab.json", vocab()), merges, Set.of(511), OptionalInt.of(511));
  }

  private static Map<String, Object> vocab() throws IOException {
    return JSON.readValue(
        resource("gpt2-bpe-tiny", "vocab.json"),
        new TypeReference<LinkedHashMap<String, Object>>() {});
  }

  private static byte[] resource(String name, String file) throws IOException {
    String path = "/golden/" + name + "/" + file;
    try (InputStream in = BytePairTokenizerGoldenTest.class.getResourceAsStream(path)) {
      return Objects.requireNonNull(in, path).readAllBytes();
    }
  }
}
