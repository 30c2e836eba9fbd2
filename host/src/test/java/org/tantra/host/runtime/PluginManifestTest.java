package org.tantra.host.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

final class PluginManifestTest {
  private final Map<String, String> headers =
      new LinkedHashMap<>(
          Map.of(
              "Plugin-Id", "gpt2",
              "Plugin-Version", "1.4.0",
              "Plugin-Requires", ">=1.0.0 & <2.0.0",
              "Bundle-SymbolicName", "gpt2;singleton:=true",
              "Bundle-Version", "1.4.0"));

  private PluginManifest read() {
    Manifest manifest = new Manifest();
    headers.forEach((name, value) -> manifest.getMainAttributes().putValue(name, value));
    return PluginManifest.read("x.jar", manifest);
  }

  private void assertRefused(String message) {
    TantraException e = assertThrows(TantraException.class, this::read);
    assertEquals(message, e.getMessage());
    assertEquals(ErrorKind.INVALID, e.kind());
  }

  @Test
  void everythingIsRead() {
    headers.put("Plugin-Dependencies", "base@>=1.0.0 & <2.0.0, other");
    headers.put("Tantra-Reload", "restart");
    headers.put("Plugin-Description", "GPT-2");

    PluginManifest manifest = read();

    assertEquals("gpt2", manifest.id());
    assertEquals("1.4.0", manifest.version().toString());
    assertEquals(">=1.0.0 & <2.0.0", manifest.requires().toString());
    assertEquals("[base >=1.0.0 & <2.0.0, other *]", manifest.dependencies().toString());
    assertEquals(PluginManifest.Reload.RESTART, manifest.reload());
    assertEquals("GPT-2", manifest.description());
  }

  @Test
  void dependenciesAndReloadMayBeLeftOut() {
    assertEquals(List.of(), read().dependencies());
    assertEquals(PluginManifest.Reload.HOT, read().reload());
  }

  @Test
  void qualifierOfTheBundleVersionIsFree() {
    headers.put("Plugin-Version", "1.4.0-rc.1");
    headers.put("Bundle-Version", "1.4.0.rc-1");

    assertEquals("1.4.0-rc.1", read().version().toString());
  }

  @Test
  void noManifestAtAllNamesEveryMissingHeader() {
    TantraException e =
        assertThrows(TantraException.class, () -> PluginManifest.read("x.jar", null));
    assertEquals(
        "x.jar: its manifest has 5 problems: the manifest has no Plugin-Id;"
            + " the manifest has no Plugin-Version; the manifest has no Plugin-Requires;"
            + " the manifest has no Bundle-SymbolicName; the manifest has no Bundle-Version.",
        e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "Plugin-Require, Plugin-Requires",
    "Plugin-Dependency, Plugin-Dependencies",
    "PluginId, Plugin-Id",
    "Plugins-Version, Plugin-Version",
    "Tantra-Reloads, Tantra-Reload",
  })
  void unknownHeaderIsRefused(String name, String suggestion) {
    headers.put(name, "x");

    assertRefused("x.jar: unknown header '" + name + "', did you mean '" + suggestion + "'.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bundle-Activator", "ExtensionBundle-Activator", "Plugin-Class"})
  void codeThatAFrameworkWouldRunIsRefused(String name) {
    headers.put(name, "x");

    assertRefused(
        "x.jar: header '"
            + name
            + "' is refused, extensions are declared in META-INF/services only.");
  }

  @Test
  void headerLikeNoneOfOursGetsTheList() {
    headers.put("Plugin-Greeting", "x");

    assertRefused(
        "x.jar: unknown header 'Plugin-Greeting', there are [Plugin-Dependencies,"
            + " Plugin-Description, Plugin-Id, Plugin-License, Plugin-Provider, Plugin-Requires,"
            + " Plugin-Version, Tantra-Embeds, Tantra-Reload].");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Plugin-Version | 1.4 | Plugin-Version: '1.4' is not a semantic version such as 1.4.0 or"
            + " 2.0.0-rc.1",
        "Plugin-Requires | [1,2) | Plugin-Requires: '[1,2)' is not a version range such as"
            + " >=1.0.0 & <2.0.0",
        "Plugin-Dependencies | a b | Plugin-Dependencies: 'a b' is not an id: letters, digits, '.',"
            + " '_' and '-'",
        "Tantra-Reload | never | Tantra-Reload: 'never' is neither hot nor restart",
        "Bundle-SymbolicName | other | Bundle-SymbolicName is 'other' but Plugin-Id is 'gpt2'",
        "Bundle-Version | 1.5.0 | Bundle-Version is 1.5.0 but Plugin-Version is 1.4.0",
      })
  void senselessValueIsRefused(String name, String value, String problem) {
    headers.put(name, value);

    assertRefused("x.jar: " + problem + ".");
  }
}
