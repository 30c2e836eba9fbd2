package org.tantra.host.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// What a plugin jar says about itself, read strictly: every header is understood or refused.
///
/// | Header | Meaning |
/// | --- | --- |
/// | `Plugin-Id` | letters, digits, `.`, `_`, `-` |
/// | `Plugin-Version` | semantic version |
/// | `Plugin-Requires` | range of SPI versions, such as `>=1.0.0 & <2.0.0` |
/// | `Plugin-Dependencies` | optional: other plugins whose classes it uses, `base@>=1.0.0, other@*` |
/// | `Tantra-Embeds` | optional: package prefixes of a library inside the jar; the host does not look at it |
/// | `Tantra-Reload` | optional: `hot` (default), or `restart` if the plugin can not be unloaded |
/// | `Bundle-SymbolicName`, `Bundle-Version` | the same id and version, so that the jar is a bundle too |
///
/// @param description one line for people; may be empty
/// @param imports packages it uses of others, by `Import-Package`
/// @param exports packages it offers to others, by `Export-Package`
public record PluginManifest(
    String id,
    SemanticVersion version,
    VersionRange requires,
    List<Dependency> dependencies,
    Reload reload,
    String description,
    List<PackageImport> imports,
    List<PackageExport> exports) {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
  private static final Set<String> KNOWN =
      Set.of(
          "Plugin-Id",
          "Plugin-Version",
          "Plugin-Requires",
          "Plugin-Dependencies",
          "Plugin-Description",
          "Plugin-Provider",
          "Plugin-License",
          "Tantra-Embeds",
          "Tantra-Reload");

  /// Name code that a plugin framework would run by itself, outside the fences of the host.
  private static final List<String> ENTRY_POINTS =
      List.of("Bundle-Activator", "ExtensionBundle-Activator", "Plugin-Class");

  /// Another plugin whose classes this one uses.
  public record Dependency(String id, VersionRange range) {
    /// As in messages: `base >=1.0.0`.
    @Override
    public String toString() {
      return id + " " + range;
    }
  }

  /// Whether a plugin can be replaced and removed while the host runs.
  public enum Reload {
    HOT,
    RESTART
  }

  public PluginManifest {
    dependencies = List.copyOf(dependencies);
    imports = List.copyOf(imports);
    exports = List.copyOf(exports);
  }

  /// @param file name of the jar, for messages
  /// @throws TantraException `INVALID`, with every problem of the manifest
  static PluginManifest read(String file, @Nullable Manifest manifest) {
    Attributes headers = manifest == null ? new Attributes() : manifest.getMainAttributes();
    return new Reading(file, headers).read();
  }

  /// Collects problems while reading, so that they are reported at once.
  private static final class Reading {
    private final String file;
    private final Attributes headers;
    private final List<String> problems = new ArrayList<>();

    Reading(String file, Attributes headers) {
      this.file = file;
      this.headers = headers;
    }

    PluginManifest read() {
      refuseEntryPoints();
      refuseUnknownHeaders();
      String id = required("Plugin-Id", this::id).orElse("");
      Optional<SemanticVersion> version = required("Plugin-Version", SemanticVersion::parse);
      Optional<VersionRange> requires = required("Plugin-Requires", VersionRange::parse);
      List<Dependency> dependencies =
          optional("Plugin-Dependencies", this::dependencies, List.of());
      Reload reload = optional("Tantra-Reload", this::reload, Reload.HOT);
      requireBundle(id, version);
      if (!problems.isEmpty() || version.isEmpty() || requires.isEmpty()) {
        throw new TantraException(
            ErrorKind.INVALID,
            problems.size() == 1
                ? file + ": " + problems.getFirst() + "."
                : "%s: its manifest has %d problems: %s."
                    .formatted(file, problems.size(), String.join("; ", problems)));
      }
      String description = optional("Plugin-Description", Function.identity(), "");
      List<PackageImport> imports = optional("Import-Package", PackageImport::parse, List.of());
      List<PackageExport> exports = optional("Export-Package", PackageExport::parse, List.of());
      return new PluginManifest(
          id, version.get(), requires.get(), dependencies, reload, description, imports, exports);
    }

    private void refuseEntryPoints() {
      for (String name : ENTRY_POINTS) {
        if (headers.getValue(name) != null) {
          problems.add(
              "header '%s' is refused, extensions are declared in META-INF/services only"
                  .formatted(name));
        }
      }
    }

    private void refuseUnknownHeaders() {
      for (Object key : headers.keySet()) {
        String name = key.toString();
        if (!isKnown(name) && looksLikeOurs(name)) {
          String closest = Names.closest(name, KNOWN);
          problems.add(
              Names.distance(name, closest) <= 3
                  ? "unknown header '%s', did you mean '%s'".formatted(name, closest)
                  : "unknown header '%s', there are %s".formatted(name, new TreeSet<>(KNOWN)));
        }
      }
    }

    private static boolean isKnown(String name) {
      return Stream.concat(KNOWN.stream(), ENTRY_POINTS.stream()).anyMatch(name::equalsIgnoreCase);
    }

    private static boolean looksLikeOurs(String name) {
      String folded = Names.folded(name);
      return folded.startsWith("plugin")
          || folded.startsWith("tantra")
          || KNOWN.stream().anyMatch(known -> Names.distance(name, known) <= 2);
    }

    private String id(String text) {
      if (!ID.matcher(text).matches()) {
        throw new IllegalArgumentException(
            "'" + text + "' is not an id: letters, digits, '.', '_' and '-'");
      }
      return text;
    }

    private List<Dependency> dependencies(String text) {
      List<Dependency> found = new ArrayList<>();
      for (String part : text.split(",", -1)) {
        int at = part.indexOf('@');
        String id = id((at < 0 ? part : part.substring(0, at)).strip());
        found.add(new Dependency(id, VersionRange.parse(at < 0 ? "*" : part.substring(at + 1))));
      }
      return found;
    }

    private Reload reload(String text) {
      return switch (text) {
        case "hot" -> Reload.HOT;
        case "restart" -> Reload.RESTART;
        default -> throw new IllegalArgumentException("'" + text + "' is neither hot nor restart");
      };
    }

    private void requireBundle(String id, Optional<SemanticVersion> version) {
      String symbolicName = headers.getValue("Bundle-SymbolicName");
      if (symbolicName == null) {
        problems.add("the manifest has no Bundle-SymbolicName");
      } else if (!symbolicName.split(";", 2)[0].strip().equals(id)) {
        problems.add(
            "Bundle-SymbolicName is '%s' but Plugin-Id is '%s'".formatted(symbolicName, id));
      }
      String bundleVersion = headers.getValue("Bundle-Version");
      if (bundleVersion == null) {
        problems.add("the manifest has no Bundle-Version");
      } else if (version.isPresent() && !sameNumbers(bundleVersion.strip(), version.get())) {
        problems.add(
            "Bundle-Version is %s but Plugin-Version is %s"
                .formatted(bundleVersion, version.get()));
      }
    }

    /// OSGi writes what follows the numbers differently, so only the numbers are compared.
    private static boolean sameNumbers(String bundleVersion, SemanticVersion version) {
      String numbers = version.major() + "." + version.minor() + "." + version.patch();
      return bundleVersion.equals(numbers) || bundleVersion.startsWith(numbers + ".");
    }

    private <T> Optional<T> required(String name, Function<String, T> parser) {
      String text = headers.getValue(name);
      if (text == null || text.isBlank()) {
        problems.add("the manifest has no " + name);
        return Optional.empty();
      }
      return parsed(name, text, parser);
    }

    private <T> T optional(String name, Function<String, T> parser, T otherwise) {
      String text = headers.getValue(name);
      return text == null ? otherwise : parsed(name, text, parser).orElse(otherwise);
    }

    private <T> Optional<T> parsed(String name, String text, Function<String, T> parser) {
      try {
        return Optional.of(parser.apply(text.strip()));
      } catch (IllegalArgumentException e) {
        problems.add(name + ": " + e.getMessage());
        return Optional.empty();
      }
    }
  }
}
