package org.tantra.nn.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

final class TextAssemblerPropertyTest {
  @Property(tries = 300)
  void piecesJoinToTheTextHoweverBytesAreSplit(@ForAll String random, @ForAll long seed) {
    String text = new String(random.getBytes(UTF_8), UTF_8);
    TextAssembler assembler = new TextAssembler(List.of(), false);

    StringBuilder joined = new StringBuilder();
    for (String piece : pieces(assembler, text.getBytes(UTF_8), seed)) {
      assertFalse(endsInsideACharacter(piece));
      joined.append(piece);
    }

    assertEquals(text, joined.append(assembler.finish()).toString());
  }

  @Property(tries = 300)
  void malformedBytesDecodeAsJavaDecodesThemAtOnce(@ForAll byte[] bytes, @ForAll long seed) {
    TextAssembler assembler = new TextAssembler(List.of(), false);
    String joined = String.join("", pieces(assembler, bytes, seed)) + assembler.finish();
    assertEquals(new String(bytes, UTF_8), joined);
  }

  @Property(tries = 1000)
  void textEndsBeforeTheFirstStop(
      @ForAll @StringLength(max = 30) @CharRange(from = 'a', to = 'c') String text,
      @ForAll @Size(max = 3)
          List<@StringLength(min = 1, max = 4) @CharRange(from = 'a', to = 'c') String> stops) {
    TextAssembler assembler = new TextAssembler(stops, false);
    StringBuilder joined = new StringBuilder();
    // One letter at a time, until the loop would end.
    for (int i = 0; i < text.length() && !assembler.stopped(); i++) {
      joined.append(assembler.add(new byte[] {(byte) text.charAt(i)}));
    }
    boolean stopped = assembler.stopped();
    joined.append(stopped ? "" : assembler.finish());

    // The stop that is complete first ends it; of those, the one that begins first.
    int end = text.length() + 1;
    int first = text.length();
    for (String stop : stops) {
      int at = text.indexOf(stop);
      if (at >= 0 && (at + stop.length() < end || (at + stop.length() == end && at < first))) {
        end = at + stop.length();
        first = at;
      }
    }
    assertEquals(text.substring(0, first), joined.toString());
  }

  @Property(tries = 300)
  void bytesOfTheByteTokenizerAreTheText(@ForAll String random) {
    String text = new String(random.getBytes(UTF_8), UTF_8);
    ByteTokenizer tokenizer = ByteTokenizer.withEnd();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : tokenizer.encode(text)) {
      bytes.writeBytes(tokenizer.bytes(id));
    }
    assertArrayEquals(text.getBytes(UTF_8), bytes.toByteArray());
  }

  @Property(tries = 300)
  void encodingAndDecodingPublishedTokensIsTheText(@ForAll String random) {
    String text = new String(random.getBytes(UTF_8), UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : BytePairTokenizer.r50kBase().encode(text)) {
      bytes.writeBytes(BytePairTokenizer.r50kBase().bytes(id));
    }
    assertEquals(text, bytes.toString(UTF_8));
  }

  private static List<String> pieces(TextAssembler assembler, byte[] bytes, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> pieces = new ArrayList<>();
    for (int from = 0; from < bytes.length; ) {
      int to = Math.min(bytes.length, from + random.nextInt(1, 4));
      pieces.add(assembler.add(Arrays.copyOfRange(bytes, from, to)));
      from = to;
    }
    return pieces;
  }

  private static boolean endsInsideACharacter(String piece) {
    return !piece.isEmpty() && Character.isHighSurrogate(piece.charAt(piece.length() - 1));
  }
}
