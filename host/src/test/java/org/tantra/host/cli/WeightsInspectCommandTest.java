package org.tantra.host.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WeightsInspectCommandTest {
  @TempDir private Path home = Path.of("");

  @Test
  void refusalOfOneFileIsTheDocumentOfARefusalAmongSeveral() throws IOException {
    Path file = Files.createFile(home.resolve("empty.pt"));
    Session session = new Session(home, _ -> {});

    Session.Ran one = session.run("weights", "inspect", "--json", file.toString());
    Session.Ran two = session.run("weights", "inspect", "--json", file.toString(), file.toString());

    assertEquals(two.exitCode(), one.exitCode());
    JsonNode document = one.json();
    assertEquals(file.toString(), document.path("file").asText());
    assertEquals("empty-file", document.path("error").path("code").asText());
    for (String line : two.out().lines().toList()) {
      assertEquals(document, new ObjectMapper().readTree(line));
    }
  }
}
