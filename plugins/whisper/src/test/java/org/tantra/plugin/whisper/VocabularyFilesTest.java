package org.tantra.plugin.whisper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Checkpoint;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.testkit.GoldenCase;
import org.tantra.testkit.MemoryWeights;

final class VocabularyFilesTest {
  /// Special tokens behind the words: 99 languages, timestamps, and the rest.
  private static final int BEHIND = 1608;

  private record Files(Map<String, String> texts) implements Checkpoint {
    @Override
    public String name() {
      return "files";
    }

    @Override
    public String version() {
      return "1";
    }

    @Override
    public WeightSource weights() {
      return MemoryWeights.of(Map.of());
    }

    @Override
    public Optional<Settings> json(String fileName) {
      return Optional.empty();
    }

    @Override
    public Optional<MemorySegment> file(String fileName) {
      return Optional.ofNullable(texts.get(fileName))
          .map(text -> MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)));
    }
  }

  private static WhisperConfig sizes(int vocab) {
    return new WhisperConfig(
        WhisperConfig.Layout.ORIGINAL, 80, 1500, 64, 1, 1, 64, vocab, 448, 1, 1, 64);
  }

  private static String ranks(String... further) {
    StringBuilder file = new StringBuilder();
    for (int i = 0; i < 256; i++) {
      String token = Base64.getEncoder().encodeToString(new byte[] {(byte) i});
      file.append(token).append(' ').append(i).append('\n');
    }
    for (String line : further) {
      file.append(line).append('\n');
    }
    return file.toString();
  }

  @Test
  void rankFileWithAnEmptyLastTokenIsRead() {
    String the = Base64.getEncoder().encodeToString("th".getBytes(StandardCharsets.US_ASCII));
    Files files = new Files(Map.of("multilingual.tiktoken", ranks(the + " 256", "= 257")));
    WhisperTokenizer tokenizer = VocabularyFiles.read(files, sizes(258 + BEHIND));

    assertArrayEquals(new int[] {256, 'e'}, tokenizer.encode("the"));
    assertEquals("the", tokenizer.text(List.of(256, 257, (int) 'e')));
    assertEquals(258, tokenizer.specials().end());
    assertEquals(99, tokenizer.specials().languages().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"A 256", "not base64 256", "dGg= 300", "dGg=", "AA== 256"})
  void damagedRankFileIsCorrupt(String line) {
    Files files = new Files(Map.of("vocab.tiktoken", ranks(line)));
    TantraException e =
        assertThrows(TantraException.class, () -> VocabularyFiles.read(files, sizes(257 + BEHIND)));
    assertEquals(ErrorKind.CORRUPT, e.kind());
    assertTrue(e.getMessage().contains("vocab.tiktoken"), e.getMessage());
  }

  @Test
  void rankFileOfAnotherModelIsCorrupt() {
    Files files = new Files(Map.of("vocab.tiktoken", ranks()));
    assertEquals(
        ErrorKind.CORRUPT,
        assertThrows(TantraException.class, () -> VocabularyFiles.read(files, sizes(51_865)))
            .kind());
  }

  @Test
  void missingVocabularySaysWhatToDo() {
    TantraException e =
        assertThrows(
            TantraException.class, () -> VocabularyFiles.read(new Files(Map.of()), sizes(51_865)));
    assertEquals(ErrorKind.NOT_FOUND, e.kind());
    assertTrue(e.getMessage().contains("multilingual.tiktoken"), e.getMessage());
  }

  @Test
  void modelsForEnglishOnlyNeedNoFile() {
    WhisperTokenizer tokenizer =
        VocabularyFiles.read(new Files(Map.of()), sizes(SpecialTokens.ENGLISH_VOCAB));
    assertEquals(50_256, tokenizer.specials().end());
    assertArrayEquals(new int[] {50_257}, tokenizer.specials().opening("en", false));
  }

  @Test
  void publishedFilesNameTheirSpecialTokens() {
    Map<String, Object> added = new LinkedHashMap<>();
    List<String> names =
        List.of(
            "endoftext",
            "startoftranscript",
            "en",
            "zh",
            "de",
            "translate",
            "transcribe",
            "startoflm",
            "startofprev",
            "nocaptions",
            "notimestamps");
    names.forEach(name -> added.put("<|" + name + "|>", 256 + added.size()));
    try (GoldenCase golden =
        GoldenCase.of(getClass(), "whisper-hf-d32")
            .withJson("vocab.json", alphabet())
            .withJson("added_tokens.json", added)) {
      WhisperTokenizer tokenizer = VocabularyFiles.read(golden, sizes(318));
      assertEquals(Map.of("en", 258, "zh", 259, "de", 260), tokenizer.specials().languages());
      assertEquals(267, tokenizer.specials().firstTimestamp());
      assertEquals("Hi!<|zh|>", tokenizer.text(List.of(72, 105, 33, 259)));
    }
  }

  /// Bytes in GPT-2's printable spelling.
  private static Map<String, Object> alphabet() {
    Map<String, Object> alphabet = new LinkedHashMap<>();
    char next = 256;
    for (char value = 0; value < 256; value++) {
      boolean itself =
          (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xFF && value != 0xAD);
      alphabet.put(String.valueOf(itself ? value : next++), (int) value);
    }
    return alphabet;
  }
}
