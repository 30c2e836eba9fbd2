package org.tantra.nn.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tantra.nn.text.BytePairTokenizerGoldenTest.decode;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// Reading a `tokenizer.json`: each of the library's models, how its tokens become bytes again, and
/// what is refused before the library sees it.
final class HuggingFaceTokenizerTest {
  private static final Map<String, Object> BYTE_LEVEL =
      Map.of(
          "type", "ByteLevel", "add_prefix_space", false, "trim_offsets", true, "use_regex", true);

  private static final Map<String, Object> END = added(511, "<|endoftext|>", true);

  private final Arena arena = Arena.ofShared();

  private static Map<String, Object> added(int id, String content, boolean special) {
    Map<String, Object> token = new LinkedHashMap<>(Map.of("id", id, "content", content));
    for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
      token.put(flag, false);
    }
    token.put("special", special);
    return token;
  }

  @AfterEach
  void free() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  /// GPT-2's kind, from the two files of its golden case.
  static Map<String, Object> gpt2() throws IOException {
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    model.put("dropout", null);
    model.put("continuing_subword_prefix", "");
    model.put("vocab", TextCheckpoint.parse(TextCheckpoint.golden("gpt2-bpe-tiny/vocab.json")));
    model.put("merges", TextCheckpoint.golden("gpt2-bpe-tiny/merges.txt").lines().skip(1).toList());
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("version", "1.0");
    file.put("truncation", Map.of("max_length", 3, "strategy", "LongestFirst", "stride", 0));
    file.put("added_tokens", List.of(END));
    file.put("pre_tokenizer", BYTE_LEVEL);
    file.put("post_processor", BYTE_LEVEL);
    file.put("decoder", BYTE_LEVEL);
    file.put("model", model);
    return file;
  }

  private Tokenizer tokenizer(Map<String, Object> file, int vocab) {
    return tokenizer(TextCheckpoint.of("tokenizer.json", file), vocab);
  }

  private Tokenizer tokenizer(TextCheckpoint checkpoint, int vocab) {
    return TokenizerFiles.find(checkpoint, vocab, EndTokens.of(Set.of(1)), OptionalInt.of(2), arena)
        .orElseThrow();
  }

  @TestFactory
  Stream<DynamicTest> bytePairsAreThoseOfTheReference() throws IOException {
    Tokenizer tokenizer =
        TokenizerFiles.find(
                TextCheckpoint.of("tokenizer.json", gpt2()),
                512,
                EndTokens.of(Set.of()),
                OptionalInt.empty(),
                Arena.ofAuto())
            .orElseThrow();
    assertInstanceOf(HuggingFaceTokenizer.class, tokenizer);
    return BytePairTokenizerGoldenTest.cases("gpt2-bpe-tiny", tokenizer);
  }

  /// What the library makes of ids, with a tokenizer from the file as it is.
  static String nativeDecode(Map<String, Object> file, int[] ids) {
    TokenizersLibrary library = TokenizersNative.library();
    long handle = library.createTokenizerFromString(TextCheckpoint.write(file));
    try {
      return library.decode(handle, Arrays.stream(ids).asLongStream().toArray(), true);
    } finally {
      library.deleteTokenizer(handle);
    }
  }

  @Test
  void configurationNamesTheEndAndTheStart() throws IOException {
    Tokenizer tokenizer = tokenizer(gpt2(), 512);
    assertEquals(512, tokenizer.vocab());
    assertEquals(Set.of(1), tokenizer.endIds());
    assertEquals(OptionalInt.of(2), tokenizer.startId());
    assertEquals(0, tokenizer.bytes(511).length);
    assertEquals(0, tokenizer.bytes(512).length);
    assertEquals(0, tokenizer.bytes(-1).length);
  }

  @Test
  void endOfATurnIsFoundByItsText() throws IOException {
    Tokenizer tokenizer =
        TokenizerFiles.find(
                TextCheckpoint.of("tokenizer.json", gpt2()),
                512,
                new EndTokens(Set.of(), Set.of("<|endoftext|>", "<|im_end|>")),
                OptionalInt.empty(),
                arena)
            .orElseThrow();
    assertEquals(Set.of(511), tokenizer.endIds());
  }

  /// Pieces with scores, as SentencePiece makes them: the blank is U+2581, bytes are tokens.
  static Map<String, Object> unigram() {
    List<List<Object>> vocab = new ArrayList<>();
    vocab.add(List.of("<unk>", 0.0));
    vocab.add(List.of("<s>", 0.0));
    vocab.add(List.of("</s>", 0.0));
    vocab.add(List.of("\u2581a", -1.0));
    vocab.add(List.of("b", -2.0));
    vocab.add(List.of("ab", -2.5));
    vocab.add(List.of("\u2581", -3.0));
    vocab.add(List.of("a", -3.5));
    for (int value = 0; value < 256; value++) {
      vocab.add(List.of("<0x%02X>".formatted(value), -9.0));
    }
    return Map.of(
        "version",
        "1.0",
        "added_tokens",
        List.of(
            added(0, "<unk>", true),
            added(1, "<s>", true),
            added(2, "</s>", true),
            added(264, "<think>", false)),
        "pre_tokenizer",
        Map.of("type", "Metaspace", "replacement", "\u2581", "prepend_scheme", "always"),
        "decoder",
        Map.of(
            "type",
            "Sequence",
            "decoders",
            List.of(
                Map.of("type", "Replace", "pattern", Map.of("String", "\u2581"), "content", " "),
                Map.of("type", "ByteFallback"),
                Map.of("type", "Fuse"),
                Map.of("type", "Strip", "content", " ", "start", 1, "stop", 0))),
        "model",
        Map.of("type", "Unigram", "unk_id", 0, "byte_fallback", true, "vocab", vocab));
  }

  @Test
  void unigramTakesTheLikeliestPieces() {
    Tokenizer tokenizer = tokenizer(unigram(), 300);
    // " a" (-1) and "b" (-2) beat " " (-3) and "ab" (-2.5).
    assertArrayEquals(new int[] {3, 4}, tokenizer.encode("ab"));
    // "é" is no piece: its bytes C3 A9 are.
    assertArrayEquals(new int[] {3, 8 + 0xC3, 8 + 0xA9, 5}, tokenizer.encode("aéab"));
    assertEquals(" aéab", decode(tokenizer, tokenizer.encode("aéab")));
    assertEquals("aéab", nativeDecode(unigram(), tokenizer.encode("aéab")));
  }

  @Test
  void textOfSpecialTokensIsOrdinaryUnlessAskedFor() {
    Tokenizer tokenizer = tokenizer(unigram(), 300);
    assertArrayEquals(new int[] {3, 2}, tokenizer.encodeWithSpecials("a</s>"));
    int[] ids = tokenizer.encode("a</s>");
    assertEquals(" a</s>", decode(tokenizer, ids));
    assertTrue(Arrays.stream(ids).noneMatch(id -> id < 3), Arrays.toString(ids));
  }

  @Test
  void addedTokensThatAreNotSpecialBelongToTheText() {
    Tokenizer tokenizer = tokenizer(unigram(), 300);
    assertArrayEquals(new int[] {3, 264}, tokenizer.encode("a<think>"));
    assertEquals("<think>", decode(tokenizer, new int[] {264}));
  }

  static Map<String, Object> wordPiece() {
    Map<String, Object> vocab = new LinkedHashMap<>();
    for (String token : List.of("[UNK]", "[SEP]", "un", "##aff", "##able", "run", "!", "'", "s")) {
      vocab.put(token, vocab.size());
    }
    return Map.of(
        "added_tokens",
        List.of(added(0, "[UNK]", true), added(1, "[SEP]", true)),
        "normalizer",
        Map.of(
            "type",
            "BertNormalizer",
            "clean_text",
            true,
            "handle_chinese_chars",
            true,
            "lowercase",
            true),
        "pre_tokenizer",
        Map.of("type", "BertPreTokenizer"),
        "decoder",
        Map.of("type", "WordPiece", "prefix", "##", "cleanup", true),
        "model",
        Map.of(
            "type",
            "WordPiece",
            "unk_token",
            "[UNK]",
            "continuing_subword_prefix",
            "##",
            "max_input_chars_per_word",
            100,
            "vocab",
            vocab));
  }

  @Test
  void wordPieceTakesTheLongestBeginning() {
    Tokenizer tokenizer = tokenizer(wordPiece(), 9);
    int[] ids = tokenizer.encode("Unaffable run's xyz!");
    assertArrayEquals(new int[] {2, 3, 4, 5, 7, 8, 0, 6}, ids);
    assertEquals("unaffable run ' s!", decode(tokenizer, ids).strip());
    assertEquals(nativeDecodeOf(wordPiece(), ids), decode(tokenizer, ids).strip());
  }

  private static String nativeDecodeOf(Map<String, Object> file, int[] ids) {
    Map<String, Object> whole = new LinkedHashMap<>(file);
    whole.put("version", "1.0");
    return nativeDecode(whole, ids);
  }

  @Test
  void closingTheArenaFreesTheTokenizer() throws IOException {
    Tokenizer tokenizer = tokenizer(gpt2(), 512);
    arena.close();
    assertThrows(IllegalStateException.class, () -> tokenizer.encode("a"));
  }

  @Test
  void otherFilesStandInForAnUnknownComponent() throws IOException {
    Map<String, Object> file = gpt2();
    file.put("normalizer", Map.of("type", "Precompiled", "precompiled_charsmap", "AAAA"));
    Map<String, String> files = new LinkedHashMap<>();
    files.put("tokenizer.json", TextCheckpoint.write(file));
    TantraException refused =
        assertThrows(
            TantraException.class, () -> tokenizer(new TextCheckpoint(files), 512).encode("a"));
    assertEquals(ErrorKind.INVALID, refused.kind());
    assertTrue(refused.getMessage().contains("'Precompiled'"), refused.getMessage());
    assertTrue(refused.getMessage().contains("vocab.json"), refused.getMessage());

    files.put("vocab.json", TextCheckpoint.golden("gpt2-bpe-tiny/vocab.json"));
    files.put("merges.txt", TextCheckpoint.golden("gpt2-bpe-tiny/merges.txt"));
    assertArrayEquals(new int[] {64}, tokenizer(new TextCheckpoint(files), 512).encode("a"));
  }

  @Test
  void expressionThatWouldEndTheProcessIsRefused() throws IOException {
    Map<String, Object> file = gpt2();
    file.put(
        "pre_tokenizer",
        Map.of(
            "type",
            "Split",
            "pattern",
            Map.of("Regex", "(a+)+$"),
            "behavior",
            "Isolated",
            "invert",
            false));
    TantraException e =
        assertThrows(TantraException.class, () -> tokenizer(file, 512).encode("a".repeat(99)));
    assertTrue(e.getMessage().contains("(a+)+$"), e.getMessage());
  }

  @Test
  void idBeyondTheModelIsNamed() throws IOException {
    assertCorrupt(gpt2(), 511, "'<|endoftext|>' has the id 511, the weights have 511 tokens");
  }

  @Test
  void idGivenTwiceIsNamed() throws IOException {
    Map<String, Object> file = gpt2();
    file.put("added_tokens", List.of(added(7, "<x>", true)));
    assertCorrupt(file, 512, "id 7 is given twice");
  }

  @Test
  void mergeOfUnknownTokensIsToldByTheLibrary() throws IOException {
    Map<String, Object> file = gpt2();
    model(file).put("merges", List.of("zz yy"));
    assertCorrupt(file, 512, "test/tokenizer.json is no tokenizer: Token `zz` out of vocabulary");
  }

  @Test
  void wrongTypesAreNamed() throws IOException {
    Map<String, Object> file = gpt2();
    model(file).put("merges", List.of(List.of("a", "b", "c")));
    assertCorrupt(file, 512, "merge 0 is no pair");
    file.put("added_tokens", Map.of());
    assertCorrupt(file, 512, "added_tokens");
    file.put("model", 7);
    assertCorrupt(file, 512, "'model'");
    assertCorrupt(Map.of("model", Map.of("vocab", List.of(3))), 512, "entry 0");
    assertCorrupt(Map.of("version", "1.0"), 512, "vocabulary is empty");
  }

  @Test
  void prefixThatTheLibraryTripsOverIsRefused() throws IOException {
    Map<String, Object> file = gpt2();
    model(file).put("continuing_subword_prefix", "####");
    TantraException e = assertThrows(TantraException.class, () -> tokenizer(file, 512).encode("a"));
    assertTrue(e.getMessage().contains("prefix inside words"), e.getMessage());
  }

  @Test
  void truncatedFileIsCorrupt() throws IOException {
    String whole = TextCheckpoint.write(gpt2());
    for (int length = 0; length < whole.length(); length += 97) {
      TextCheckpoint cut = TextCheckpoint.of("tokenizer.json", whole.substring(0, length));
      TantraException e = assertThrows(TantraException.class, () -> tokenizer(cut, 512));
      assertEquals(ErrorKind.CORRUPT, e.kind());
    }
  }

  @Test
  void hugeFileIsRefusedBeforeItIsParsed() {
    TextCheckpoint huge = TextCheckpoint.of("tokenizer.json", " ".repeat((64 << 20) + 1));
    TantraException e = assertThrows(TantraException.class, () -> tokenizer(huge, 512));
    assertEquals(ErrorKind.CORRUPT, e.kind());
    assertTrue(e.getMessage().contains("67108865 bytes"), e.getMessage());
  }

  @Test
  void deepSequencesAreRefused() throws IOException {
    Map<String, Object> deep = BYTE_LEVEL;
    for (int i = 0; i < 50; i++) {
      deep = Map.of("type", "Sequence", "pretokenizers", List.of(deep));
    }
    Map<String, Object> file = gpt2();
    file.put("pre_tokenizer", deep);
    assertCorrupt(file, 512, "nested too deep");
  }

  @Test
  void longTextIsRefused() throws IOException {
    Tokenizer tokenizer = tokenizer(gpt2(), 512);
    TantraException e =
        assertThrows(TantraException.class, () -> tokenizer.encode(" ".repeat((1 << 20) + 1)));
    assertEquals(ErrorKind.INVALID, e.kind());
    assertEquals(1 << 20, decode(tokenizer, tokenizer.encode(" ".repeat(1 << 20))).length());
  }

  @SuppressWarnings("unchecked") // made above
  private static Map<String, Object> model(Map<String, Object> file) {
    return (Map<String, Object>) Objects.requireNonNull(file.get("model"));
  }

  private void assertCorrupt(Map<String, Object> file, int vocab, String part) {
    TantraException e = assertThrows(TantraException.class, () -> tokenizer(file, vocab));
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
    assertEquals(ErrorKind.CORRUPT, e.kind(), e.getMessage());
  }

  @Test
  void originOfTheFileIsTold() {
    TantraException e =
        assertThrows(
            TantraException.class,
            () -> TokenizerJson.of(Settings.of("gpt2/tokenizer.json", Map.of()), 5));
    assertTrue(e.getMessage().startsWith("gpt2/tokenizer.json"), e.getMessage());
  }
}
