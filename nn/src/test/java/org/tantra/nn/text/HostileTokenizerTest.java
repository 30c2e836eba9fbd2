package org.tantra.nn.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Files of which one value was replaced by another: each is read or refused. A file that the
/// native library trips over would end the test's process.
final class HostileTokenizerTest {
  private static final int FILES = Integer.getInteger("tantra.tokenizer.files", 200);

  private static final List<@Nullable Object> VALUES =
      Arrays.asList(
          null,
          -1,
          0,
          1,
          7,
          1L << 40,
          1e300,
          -0.5,
          true,
          false,
          "",
          "a",
          " ",
          "\u00e9",
          "\ud83d\ude00",
          "\u0000",
          "<unk>",
          "BPE",
          "Unigram",
          "WordLevel",
          "Sequence",
          "Strip",
          "Replace",
          "Digits",
          "Isolated",
          List.of(),
          List.of("a", "b"),
          List.of(List.of("x", 1)),
          Map.of(),
          Map.of("String", ""),
          Map.of("Regex", "a*"),
          Map.of("Regex", "\\s+|a"),
          Map.of("a", 0));

  private static Map<String, Object> file(int kind) throws IOException {
    return switch (kind) {
      case 0 -> HuggingFaceTokenizerTest.gpt2();
      case 1 -> HuggingFaceTokenizerTest.unigram();
      default -> HuggingFaceTokenizerTest.wordPiece();
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void changedFilesAreReadOrRefused(int kind) throws IOException {
    String whole = TextCheckpoint.write(file(kind));
    int refused = 0;
    for (int seed = 0; seed < FILES; seed++) {
      String changed = changed(whole, new Random(seed));
      try (Arena arena = Arena.ofShared()) {
        Tokenizer tokenizer =
            TokenizerFiles.find(
                    TextCheckpoint.of("tokenizer.json", changed),
                    512,
                    EndTokens.of(Set.of()),
                    OptionalInt.empty(),
                    arena)
                .orElseThrow();
        for (String text : List.of("", "a", "un aff\u00e9 \ud83d\ude00 don't  </s>\n", "\ud800x")) {
          for (int id : tokenizer.encode(text)) {
            assertTrue(id >= 0 && id < 512);
            assertNotEquals(null, tokenizer.bytes(id));
          }
          var _ = tokenizer.encodeWithSpecials(text);
        }
      } catch (TantraException e) {
        refused++;
        assertTrue(
            Set.of(ErrorKind.CORRUPT, ErrorKind.INVALID).contains(e.kind()), () -> changed + e);
      }
    }
    assertTrue(refused > FILES / 20 && refused < FILES, "refused: " + refused);
    assertEquals(whole, TextCheckpoint.write(file(kind)));
  }

  private static String changed(String whole, Random random) throws JsonProcessingException {
    Map<String, Object> file = TextCheckpoint.parse(whole);
    Object at = file;
    while (true) {
      Object child = null;
      if (at instanceof Map<?, ?> map && !map.isEmpty()) {
        Object key = new ArrayList<>(map.keySet()).get(random.nextInt(map.size()));
        child = map.get(key);
        if (stop(child, random)) {
          put(map, key, random);
          return TextCheckpoint.write(file);
        }
      } else if (at instanceof List<?> list && !list.isEmpty()) {
        int place = random.nextInt(list.size());
        child = list.get(place);
        if (stop(child, random)) {
          set(list, place, VALUES.get(random.nextInt(VALUES.size())));
          return TextCheckpoint.write(file);
        }
      }
      if (child == null) {
        return TextCheckpoint.write(file);
      }
      at = child;
    }
  }

  private static boolean stop(@Nullable Object child, Random random) {
    return !(child instanceof Map<?, ?> || child instanceof List<?>) || random.nextInt(6) == 0;
  }

  @SuppressWarnings("unchecked") // Jackson's maps have text keys
  private static void put(Map<?, ?> map, Object key, Random random) {
    Map<Object, @Nullable Object> changed = (Map<Object, @Nullable Object>) map;
    Object value = changed.remove(key);
    switch (random.nextInt(3)) {
      case 0 -> {}
      case 1 -> changed.put(key, VALUES.get(random.nextInt(VALUES.size())));
      default -> changed.put(String.valueOf(VALUES.get(random.nextInt(VALUES.size()))), value);
    }
  }

  @SuppressWarnings("unchecked") // Jackson's lists take anything
  private static void set(List<?> list, int place, @Nullable Object value) {
    ((List<@Nullable Object>) list).set(place, value);
  }
}
