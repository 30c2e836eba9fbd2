package org.tantra.host.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.registry.PluginJar;

final class StagerTest {
  @TempDir Path folder;
  private Path staging;
  private Path dropped;
  private Stager stager;

  @BeforeEach
  void start() {
    staging = folder.resolve("staging");
    dropped = folder.resolve("x.jar");
    stager = new Stager(staging, SharedPackages.of(StagerTest.class.getClassLoader()));
  }

  private TantraException assertRefused(byte[] content) throws IOException {
    Files.write(dropped, content);
    TantraException e = assertThrows(TantraException.class, () -> stager.stage(dropped));
    assertStagingIsEmpty();
    return e;
  }

  private void assertStagingIsEmpty() throws IOException {
    try (Stream<Path> left = Files.list(staging)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void wholeJarIsCopiedAndDescribed() throws IOException {
    byte[] bytes = PluginJar.model("a", "1.0.0", "fold").bytes();
    Files.write(dropped, bytes);

    StagedJar jar = stager.stage(dropped);

    assertArrayEquals(bytes, Files.readAllBytes(jar.path()));
    assertEquals(dropped, jar.source());
    assertEquals("a 1.0.0", jar.toString());
    assertEquals(64, jar.sha256().length());
    assertEquals(Map.of("org.tantra.api.Model", List.of("demo.DemoModel")), jar.providers());
    assertEquals(Set.of("demo"), jar.packages());
    assertEquals(Runtime.version().feature(), jar.javaRelease());
  }

  @Test
  void forkHasTheSameBytesUnderAnotherPath() throws IOException {
    StagedJar jar = stager.stage(PluginJar.model("a", "1.0.0", "fold").writeTo(dropped));
    StagedJar fork = stager.fork(jar);

    assertNotEquals(jar.path(), fork.path());
    assertEquals(-1, Files.mismatch(jar.path(), fork.path()));
    stager.discard(jar);
    assertTrue(Files.exists(fork.path()));
    stager.discard(fork);
    assertStagingIsEmpty();
  }

  @Test
  void copyIsIndependentOfTheSource() throws IOException {
    byte[] bytes = PluginJar.model("a", "1.0.0", "fold").bytes();
    StagedJar jar = stager.stage(Files.write(dropped, bytes));
    Files.writeString(dropped, "overwritten in place");

    assertArrayEquals(bytes, Files.readAllBytes(jar.path()));
  }

  @Test
  void jarCutShortAnywhereIsCorrupt() throws IOException {
    byte[] bytes = PluginJar.model("a", "1.0.0", "fold").bytes();
    for (int length = 0; length < bytes.length; length += 61) {
      TantraException e = assertRefused(Arrays.copyOf(bytes, length));
      assertEquals(ErrorKind.CORRUPT, e.kind());
      String message = String.valueOf(e.getMessage());
      assertTrue(message.startsWith("x.jar: not a whole jar ("), message);
    }
    assertEquals(ErrorKind.CORRUPT, assertRefused(Arrays.copyOf(bytes, bytes.length - 1)).kind());
  }

  @Test
  void emptyFileIsCorrupt() throws IOException {
    assertEquals(
        "x.jar: not a whole jar (zip file is empty).", assertRefused(new byte[0]).getMessage());
  }

  @Test
  void flippedBitIsFoundOrHarmless() throws IOException {
    byte[] bytes = PluginJar.model("a", "1.0.0", "fold").bytes();
    Files.write(dropped, bytes);
    byte[] classBytes = PluginJar.entry(dropped, "demo/DemoModel.class").orElseThrow();
    long seed = 20260101;
    Random random = new Random(seed);
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] flipped = bytes.clone();
      int bit = random.nextInt(bytes.length * 8);
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      Files.write(dropped, flipped);
      try {
        StagedJar jar = stager.stage(dropped);
        // Dates may differ, and names, which is found when the class is missed. Classes never.
        PluginJar.entry(jar.path(), "demo/DemoModel.class")
            .ifPresent(
                found ->
                    assertArrayEquals(classBytes, found, () -> "seed " + seed + ", bit " + bit));
        stager.discard(jar);
      } catch (TantraException e) {
        refused++;
      }
      assertStagingIsEmpty();
    }
    assertTrue(refused > 200, "only " + refused + " of 300 were refused");
  }

  @Test
  void flippedBitInAClassNamesTheEntry() throws IOException {
    byte[] bytes = PluginJar.empty("a", "1.0.0").stored("demo/data.bin", new byte[64]).bytes();
    int at = indexOf(bytes, new byte[64]);
    bytes[at + 5] ^= 1;

    assertEquals(
        "x.jar: not a whole jar (the checksum of demo/data.bin differs).",
        assertRefused(bytes).getMessage());
  }

  private static int indexOf(byte[] bytes, byte[] wanted) {
    for (int at = 0; at + wanted.length <= bytes.length; at++) {
      if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    throw new IllegalArgumentException("not there");
  }

  @Test
  void textIsNoJar() throws IOException {
    assertEquals(
        "x.jar: not a whole jar (zip END header not found).",
        assertRefused("This is text, not a jar, however long.".getBytes(StandardCharsets.UTF_8))
            .getMessage());
  }

  @Test
  void jarWithoutPluginIdIsInvalid() throws IOException {
    TantraException e =
        assertRefused(PluginJar.model("a", "1.0.0", "fold").header("Plugin-Id", "").bytes());

    assertEquals(ErrorKind.INVALID, e.kind());
    assertTrue(
        String.valueOf(e.getMessage()).contains("the manifest has no Plugin-Id"), e::getMessage);
  }

  @Test
  void jarThatCarriesTheApiIsInvalid() throws IOException {
    TantraException e =
        assertRefused(
            PluginJar.model("a", "1.0.0", "fold")
                .compiled("package org.tantra.api; public interface Extra {}")
                .bytes());

    assertEquals(ErrorKind.INVALID, e.kind());
    assertEquals(
        "x.jar: carries classes that the host provides (1 of org.tantra.api);"
            + " make that dependency 'provided' and build again.",
        e.getMessage());
  }

  @Test
  void missingSourceIsRefused() {
    assertThrows(TantraException.class, () -> stager.stage(folder.resolve("nosuch.jar")));
  }
}
