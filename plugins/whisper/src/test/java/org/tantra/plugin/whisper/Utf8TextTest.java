package org.tantra.plugin.whisper;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Utf8TextTest {
  /// Counts of U+FFFD as CPython 3 decodes the bytes.
  @ParameterizedTest
  @CsvSource({
    "e4b8,1",
    "e4b841,1",
    "eda080,3",
    "f0808080,4",
    "f09f98,1",
    "c0af,2",
    "ff,1",
    "e4b8e4,2"
  })
  void brokenCharactersAreReplacedAsPythonDoes(String hex, int count) {
    String text = Utf8Text.of(HexFormat.of().parseHex(hex));
    assertEquals(count, text.chars().filter(c -> c == Utf8Text.REPLACEMENT).count());
  }

  @Test
  void wholeTextStaysAsItIs() {
    String text = "naïve 世界 👩‍👩‍👧 \u0000\u007f\u0080\u07ff\u0800\uffff";
    assertEquals(text, Utf8Text.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void whiteSpaceOfAllKindsIsStripped() {
    assertEquals("a b", Utf8Text.stripped("\u00a0\n\t a b\u2009\u0085 "));
  }
}
