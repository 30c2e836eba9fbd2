package org.tantra.nn.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/// GPT-2's vocabulary against jtokkit, another implementation of the same merging.
final class BytePairTokenizerPropertyTest {
  private static final Encoding OTHER =
      Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
  private static final BytePairTokenizer OURS = BytePairTokenizer.r50kBase();

  /// Letters of few kinds make long pieces with many ways to merge them.
  private static final List<String> ALPHABETS =
      List.of("a", "ab", "etaoins", "aéß中🎵", "0123456789", "<-=>", " \n\t", "The cat. \n're 42é");

  @Property(tries = 300)
  void anyTextHasTheIdsThatJtokkitGives(@ForAll String text) {
    assertSame(text);
  }

  @Property(tries = 300)
  void longPiecesHaveTheIdsThatJtokkitGives(
      @ForAll long seed, @ForAll @IntRange(max = 3000) int length) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] alphabet = ALPHABETS.get(random.nextInt(ALPHABETS.size())).codePoints().toArray();
    assertSame(
        random
            .ints(length, 0, alphabet.length)
            .mapToObj(i -> Character.toString(alphabet[i]))
            .collect(Collectors.joining()));
  }

  @Property(tries = 1000)
  void everyTokenHasItsBytes(@ForAll @IntRange(max = 50_255) int id) {
    IntArrayList one = new IntArrayList();
    one.add(id);
    assertArrayEquals(OTHER.decodeBytes(one), OURS.bytes(id));
  }

  @Example
  void aMillionLettersWithoutASpaceTakeNoTimeToSpeakOf() {
    String text = "ab".repeat(500_000);
    int[] ids = assertTimeoutPreemptively(Duration.ofMinutes(2), () -> OURS.encode(text));

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      bytes.writeBytes(OURS.bytes(id));
    }
    assertEquals(text, bytes.toString(StandardCharsets.US_ASCII));
  }

  private static void assertSame(String text) {
    assertArrayEquals(OTHER.encodeOrdinary(text).toArray(), OURS.encode(text));
  }
}
