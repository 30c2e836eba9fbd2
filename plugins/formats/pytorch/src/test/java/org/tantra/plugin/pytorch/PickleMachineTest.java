package org.tantra.plugin.pytorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Pickles here are written as text, one character for each byte.
class PickleMachineTest {
  private static final int MANY = 12_000_000;

  @ParameterizedTest
  @CsvSource({
    "'I-12\n.', -12",
    "'L123456789012L\n.', 123456789012",
    "'K\u00ff.', 255",
    "'M\1\2.', 513",
    "'J\u00fe\u00ff\u00ff\u00ff.', -2",
    "'\u008a\1\u0080.', -128",
    "'\u008a\0.', 0",
    "'\u008b\2\0\0\0\0\1.', 256",
  })
  void everySpellingOfAnIntegerIsRead(String pickle, long expected) {
    assertEquals(new Value.Int(expected), run(pickle));
  }

  @ParameterizedTest
  @CsvSource({
    "'X\3\0\0\0abc.', abc",
    "'\u008c\3abc.', abc",
    "'U\3abc.', abc",
    "'Vabc\n.', abc",
    "'S\"abc\"\n.', abc",
    "'X\2\0\0\0\u00c3\u00bc.', ü",
  })
  void everySpellingOfATextIsRead(String pickle, String expected) {
    assertEquals(new Value.Text(expected), run(pickle));
  }

  @Test
  void loneSurrogateIsReadAsPythonDoes() {
    assertEquals(new Value.Text("\ud800"), run("X\3\0\0\0\u00ed\u00a0\u0080."));
  }

  @Test
  void byteStringThatIsNoTextStaysBytes() {
    assertInstanceOf(Value.Bytes.class, run("U\1\u00ff."));
  }

  @Test
  void memoIndexMayBeHuge() {
    assertEquals(new Value.Int(7), run("K\7r\u00ff\u00ff\u00ff\u00ff0j\u00ff\u00ff\u00ff\u00ff."));
  }

  @Test
  void dictKeysOfOneValueAreOneKey() {
    var dict = assertInstanceOf(Value.Dict.class, run("}(K\1K\5\u0088K\6u."));
    assertEquals(List.of(new Value.Int(6)), List.copyOf(dict.items().values()));
  }

  @Test
  void refusalNamesThePlaceAndSaysThatNothingWasRun() {
    TantraException error = assertRefused("forbidden-global", "N0cos\nsystem\n.");

    assertEquals(ErrorKind.UNSUPPORTED, error.kind());
    String message = String.valueOf(error.getMessage());
    assertTrue(message.startsWith("Weight file 'model.pt', offset 2: "), message);
    assertTrue(message.contains("'os.system'") && message.contains("nothing was run"), message);
  }

  @Test
  void controlCharactersOfANameDoNotReachTheMessage() {
    TantraException error = assertRefused("forbidden-global", "cos\nsys\u001b[2Jtem\r\n.");
    assertTrue(String.valueOf(error.getMessage()).chars().noneMatch(Character::isISOControl));
  }

  @Test
  void wholeModelIsToldWhatToSaveInstead() {
    TantraException error =
        assertRefused("forbidden-global", "ctorch.nn.modules.linear\nLinear\n.");
    assertTrue(String.valueOf(error.getMessage()).contains("save model.state_dict() instead"));
  }

  @Test
  void dictKeyedByATupleOfTuplesIsRefusedWithoutWalkingIt() {
    assertRefused("malformed-pickle", "}(K\1\u0085\u0085\u0085K\2u.");
  }

  /// One byte must not buy an unbounded object: the heap of this test is small.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "}",
        "]",
        ")",
        "(",
        "N",
        "\u008f",
        "\u0085",
        "2",
        "}(K\1K\2u",
        "](K\1K\2e",
        "K\7q\1",
        "K\u0001\u0085\u0094",
        "ctorch\nSize\n)\u0085R"
      })
  void millionsOfInstructionsStayWithinTheHeap(String instruction) {
    String pickle = "N" + instruction.repeat(MANY / instruction.length());
    TantraException error = assertThrows(TantraException.class, () -> run(pickle));
    assertTrue(List.of("resource-limit", "truncated").contains(error.code()), error::getMessage);
  }

  private static TantraException assertRefused(String code, String pickle) {
    TantraException error = assertThrows(TantraException.class, () -> run(pickle));
    assertEquals(code, error.code(), error.getMessage());
    return error;
  }

  private static Value run(String pickle) {
    byte[] bytes = pickle.getBytes(StandardCharsets.ISO_8859_1);
    Refusal refusal = Refusal.in("model.pt");
    PickleInput input = new PickleInput(MemorySegment.ofArray(bytes), refusal);
    StorageResolver none =
        (_, at) -> {
          throw at.because("bad-persistent-id", "no storages here");
        };
    return new PickleMachine(input, refusal, none, new PickleTrace(), false).run();
  }
}
