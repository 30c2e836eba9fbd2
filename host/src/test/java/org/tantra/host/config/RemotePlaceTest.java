package org.tantra.host.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RemotePlaceTest {
  @ParameterizedTest
  @CsvSource({
    "https://example.org/pictures/, https://example.org/pictures/a.png, true",
    "https://example.org/pictures/, https://EXAMPLE.org:443/pictures/deep/a.png?size=2, true",
    "https://example.org/pictures, https://example.org/pictures/a.png, true",
    "https://example.org/pictures, https://example.org/pictures, true",
    "https://example.org, https://example.org/anything.gif, true",
    "https://example.org/pictures/, https://example.org/pictures-of-others/a.png, false",
    "https://example.org/pictures, https://example.org/pictures-of-others/a.png, false",
    "https://example.org/pictures/, https://example.org/pictures/../secret.png, false",
    "https://example.org/pictures/, https://example.org/pictures/%2e%2e/secret.png, false",
    "https://example.org/pictures/, https://example.org/pictures/..%2Fsecret.png, false",
    "https://example.org/pictures/, https://example.org/pictures/..%5csecret.png, false",
    "https://example.org/pictures/, http://example.org/pictures/a.png, false",
    "https://example.org/pictures/, https://example.org:8443/pictures/a.png, false",
    "https://example.org/pictures/, https://example.org.evil.net/pictures/a.png, false",
    "https://example.org/pictures/, https://example.org@evil.net/pictures/a.png, false",
    "https://example.org/pictures/, https://me:secret@example.org/pictures/a.png, false",
    "https://example.org/pictures/, pictures/a.png, false",
    "http://127.0.0.1:9000/, http://127.0.0.1:9000/a.png, true",
    "http://127.0.0.1:9000/, http://127.0.0.1:9001/a.png, false",
    "http://127.0.0.1:9000/, http://localhost:9000/a.png, false",
  })
  void holdsItsFolderAndNothingElse(String place, String address, boolean held) {
    assertEquals(held, RemotePlace.of(place).holds(URI.create(address)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "example.org",
        "ftp://example.org/",
        "file:///etc/",
        "https://",
        "https://me:secret@example.org/",
        "https://example.org/?a=b",
        "https://example.org/#top",
        "https://example.org/a/../b/",
        "https://exam ple.org/",
        "https://*.example.org/",
      })
  void otherTextsAreNoPlaces(String text) {
    assertThrows(IllegalArgumentException.class, () -> RemotePlace.of(text));
  }

  @ParameterizedTest
  @CsvSource({
    "https://example.org/, false",
    "https://localhost.example.org/, false",
    "https://10.example.org/, false",
    "http://localhost/, true",
    "http://127.0.0.1/, true",
    "http://[::1]/, true",
    "http://10.0.0.7/, true",
    "http://pictures/, true",
    "https://pictures.internal/, true",
    "https://nas.local/, true",
  })
  void onlyNamesOfTheInsideMayBePrivate(String place, boolean inside) {
    assertEquals(inside, RemotePlace.of(place).mayBePrivate());
  }
}
