package org.tantra.host.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class VersionsTest {
  @Test
  void versionsAreOrderedByPrecedence() {
    List<String> ascending =
        List.of(
            "0.9.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.2.0",
            "1.10.0",
            "2.0.0");

    assertEquals(
        ascending,
        ascending.reversed().stream()
            .map(SemanticVersion::parse)
            .sorted()
            .map(SemanticVersion::toString)
            .toList());
  }

  @Test
  void buildMetadataDoesNotCount() {
    SemanticVersion plain = SemanticVersion.parse("1.0.0");
    SemanticVersion built = SemanticVersion.parse("1.0.0+7.g1");

    assertEquals(0, plain.compareTo(built));
    assertEquals("1.0.0+7.g1", built.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1", "1.0", "1.0.0.0", "01.0.0", "1.0.0-", "1.0.0.SNAPSHOT", "v1.0.0", "x"})
  void otherTextsAreNoVersions(String text) {
    assertThrows(IllegalArgumentException.class, () -> SemanticVersion.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    ">=1.0.0 & <2.0.0, 1.0.0, true",
    ">=1.0.0 & <2.0.0, 1.9.9, true",
    ">=1.0.0 & <2.0.0, 2.0.0, false",
    ">=1.0.0 & <2.0.0, 0.9.0, false",
    ">=1.0.0, 1.0.0-rc.1, false",
    ">1.0.0, 1.0.0, false",
    "<=1.0.0, 1.0.0, true",
    "=1.0.0, 1.0.1, false",
    "*, 7.0.0, true",
  })
  void rangeAdmits(String range, String version, boolean admitted) {
    assertEquals(admitted, VersionRange.parse(range).admits(SemanticVersion.parse(version)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1.0.0", "[1.0,2)", ">=1.0", ">=1.0.0 <2.0.0", ">=1.0.0 &", "garbage"})
  void otherTextsAreNoRanges(String text) {
    assertThrows(IllegalArgumentException.class, () -> VersionRange.parse(text));
  }
}
