package org.tantra.nn.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenizersNativeTest {
  private static List<URL> files() {
    return TokenizersNative.files(TokenizersNative.class.getClassLoader(), "linux-aarch64");
  }

  @Test
  void platformsAreCalledAsInTheJar() {
    assertEquals("linux-x86_64", TokenizersNative.platform("Linux", "amd64"));
    assertEquals("osx-aarch64", TokenizersNative.platform("Mac OS X", "aarch64"));
    assertEquals("win-x86_64", TokenizersNative.platform("Windows 11", "amd64"));
  }

  @Test
  void unknownPlatformHasNothing() {
    ClassLoader loader = TokenizersNative.class.getClassLoader();
    assertEquals(List.of(), TokenizersNative.files(loader, "linux-riscv64"));
  }

  @Test
  void damagedCopyIsMadeAnew(@TempDir Path cache) throws IOException {
    Path copy = TokenizersNative.unpack(files(), cache).getFirst();
    long size = Files.size(copy);
    byte[] bytes = Files.readAllBytes(copy);
    bytes[bytes.length / 2]++;
    Files.write(copy, bytes);
    assertEquals(copy, TokenizersNative.unpack(files(), cache).getFirst());
    assertEquals(size, Files.size(copy));
    bytes[bytes.length / 2]--;
    assertArrayEquals(bytes, Files.readAllBytes(copy));
  }

  @Test
  void severalMayUnpackAtOnce(@TempDir Path cache) throws Exception {
    Callable<Path> unpack = () -> TokenizersNative.unpack(files(), cache).getFirst();
    Set<Path> copies = new HashSet<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Path>> results =
          new ArrayList<>(threads.invokeAll(List.of(unpack, unpack, unpack, unpack)));
      for (Future<Path> result : results) {
        copies.add(result.get());
      }
    }
    assertEquals(1, copies.size());
    try (Stream<Path> left = Files.list(copies.iterator().next().getParent())) {
      assertEquals(1, left.count());
    }
  }
}
