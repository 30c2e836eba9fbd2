package org.tantra.host.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

final class HostConfigTest {
  private static HostConfig of(String yaml) {
    return HostConfig.from(YamlFile.parse(yaml, "Config/host.yaml"));
  }

  private static String problemsOf(String yaml) {
    TantraException thrown = assertThrows(TantraException.class, () -> of(yaml));
    assertEquals(ErrorKind.INVALID, thrown.kind());
    return thrown.getMessage();
  }

  @Test
  void missingFileMeansDefaults() {
    HostConfig config = HostConfig.read(Path.of("no-such-folder", "host.yaml"));

    assertEquals("127.0.0.1", config.http().host());
    assertEquals("pf4j", config.plugins().runtime());
    assertEquals(of(""), config);
  }

  @Test
  void valuesAreReadWithTheirUnits() {
    HostConfig config =
        of(
            """
            http:
              port: 0
              max-body: 2 MiB
            plugins: {runtime: felix, quiet: 40 ms}
            models:
              budget: 1 GiB
              low-resource: true
              load-timeout: 5 m
            """);

    assertEquals(0, config.http().port());
    assertEquals(2 << 20, config.http().maximumBodyBytes());
    assertEquals("felix", config.plugins().runtime());
    assertEquals(Duration.ofMillis(40), config.plugins().quiet());
    assertEquals(1L << 30, config.models().budgetBytes());
    assertEquals(true, config.models().lowResource());
    assertEquals(Duration.ofMinutes(5), config.models().loadTimeout());
  }

  @Test
  void allProblemsAreToldAtOnceWithTheirLines() {
    String problems =
        problemsOf(
            """
            http:
              port: 99999
              hots: 0.0.0.0
            plugins:
              runtime: equinox
            moddels: {}
            """);

    assertEquals(
        "Config/host.yaml has 4 problems. Line 2, http.port: 99999 is outside 0..65535."
            + " Line 3: unknown key 'http.hots', did you mean 'http.host'?"
            + " Line 5, plugins.runtime: 'equinox' must be one of [pf4j, felix]."
            + " Line 6: unknown key 'moddels', did you mean 'models'?",
        problems);
  }

  @Test
  void remotePlacesAreAddressesOfFolders() {
    assertEquals(List.of(), of("").http().remoteMedia());
    assertEquals(
        List.of(new RemotePlace("https", "example.org", 443, "/pictures/")),
        of("http: {remote-media: ['https://Example.org/pictures/']}").http().remoteMedia());

    assertEquals(
        "Config/host.yaml has 1 problem. Line 1, http.remote-media: 'ftp://example.org/' must be an"
            + " address such as 'https://example.org/pictures/'.",
        problemsOf("http: {remote-media: ['ftp://example.org/']}"));
  }

  @Test
  void preferredModelsAreByTask() {
    HostConfig.Models models =
        of("models: {default: mamba, preferred: {speech: freetts, image-embedding: vision-lite}}")
            .models();

    assertEquals("mamba", models.preferred(Set.of("text")));
    assertEquals("freetts", models.preferred(Set.of("speech")));
    assertNull(models.preferred(Set.of("ocr")));
    assertNull(models.preferred(Set.of("image-embedding", "text-embedding")));
    assertEquals(
        "Config/host.yaml has 1 problem. Line 1: unknown key 'models.preferred.speach', did you"
            + " mean 'models.preferred.speech'?",
        problemsOf("models: {preferred: {speach: freetts}}"));
  }

  @Test
  void farOffKeyNamesTheKnownOnes() {
    assertEquals(
        "Config/host.yaml has 1 problem. Line 1: unknown key 'zebra'. Known here: http, models,"
            + " plugins, weights.",
        problemsOf("zebra: 1"));
  }

  @Test
  void wrongTypesNameTheKey() {
    assertEquals(
        "Config/host.yaml has 2 problems. Line 1, http: must be a group of 'key: value' lines."
            + " Line 2, models.load-timeout: 'soon' must be a time such as '300 ms', '30 s' or"
            + " '5 m'.",
        problemsOf("http: 8088\nmodels: {load-timeout: soon}"));
  }

  @Test
  void brokenYamlNamesTheLine() {
    assertEquals(
        "Config/host.yaml, line 2: mapping values are not allowed here.",
        problemsOf("http:\n  port: 1: 2\n"));
  }

  @Test
  void duplicateKeyIsRefused() {
    String problem = problemsOf("http: {port: 1}\nhttp: {port: 2}\n");

    assertEquals("Config/host.yaml, line 2: found duplicate key http.", problem);
  }

  @Test
  void tagsMakeNoObjects() {
    String problem = problemsOf("http: !!java.net.URL [\"http://127.0.0.1\"]\n");

    assertEquals(true, problem.startsWith("Config/host.yaml"), problem);
  }
}
