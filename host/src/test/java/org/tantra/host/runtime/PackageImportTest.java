package org.tantra.host.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PackageImportTest {
  @Test
  void headerWithQuotedCommasIsRead() {
    assertEquals(
        "[a [1,2), b [1,2), c 0]",
        PackageImport.parse("a;b;version=\"[1,2)\";x:=\"p,q\", c;resolution:=optional").toString());
  }

  @Test
  void optionalIsKnown() {
    assertEquals(true, PackageImport.parse("a;resolution:=optional").getFirst().optional());
    assertEquals(false, PackageImport.parse("a").getFirst().optional());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1.0,2) | 1.0.0 | true",
        "[1.0,2) | 1.9 | true",
        "[1.0,2) | 2 | false",
        "(1.0,2] | 1.0.0 | false",
        "(1.0,2] | 2.0.0 | true",
        "1.2 | 3.0.0.final | true",
        "1.2 | 1.1 | false",
        "0 | 0 | true",
      })
  void rangeAdmits(String range, String version, boolean admitted) {
    assertEquals(admitted, new PackageImport("a", range, false).admits(version));
  }

  @Test
  void senselessVersionIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new PackageImport("a", "[1,x)", false));
    assertThrows(IllegalArgumentException.class, () -> new PackageExport("a", "one"));
  }
}
