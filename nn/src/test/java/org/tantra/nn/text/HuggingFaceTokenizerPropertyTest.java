package org.tantra.nn.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

final class HuggingFaceTokenizerPropertyTest {
  @Property(tries = 60)
  void bytesOfTokensAreTheTextAndWhatTheLibraryDecodes(@ForAll String text) throws IOException {
    Map<String, Object> file = HuggingFaceTokenizerTest.gpt2();
    try (Arena arena = Arena.ofShared()) {
      Tokenizer tokenizer =
          TokenizerFiles.find(
                  TextCheckpoint.of("tokenizer.json", file),
                  512,
                  EndTokens.of(Set.of()),
                  OptionalInt.empty(),
                  arena)
              .orElseThrow();
      int[] ids = tokenizer.encode(text);
      String decoded = BytePairTokenizerGoldenTest.decode(tokenizer, ids);
      assertEquals(new String(text.getBytes(UTF_8), UTF_8), decoded);
      assertEquals(HuggingFaceTokenizerTest.nativeDecode(file, ids), decoded);
    }
  }
}
