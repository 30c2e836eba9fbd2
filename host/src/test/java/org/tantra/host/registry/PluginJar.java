package org.tantra.host.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.tantra.api.Spi;

/// Builds plugin jars for tests: compiles sources and writes a manifest for both runtimes.
public final class PluginJar {
  private static final Map<List<String>, Map<String, byte[]>> COMPILED = new ConcurrentHashMap<>();

  private final Map<String, String> headers = new LinkedHashMap<>();
  private final Map<String, byte[]> entries = new LinkedHashMap<>();

  private final Set<String> stored = new HashSet<>();

  private PluginJar(String id, String version) {
    headers.put("Plugin-Id", id);
    headers.put("Plugin-Version", version);
    headers.put("Plugin-Requires", ">=1.0.0 & <2.0.0");
    headers.put("Bundle-ManifestVersion", "2");
    headers.put("Bundle-SymbolicName", id);
    headers.put("Bundle-Version", version.replace('-', '.'));
    headers.put("Import-Package", "org.tantra.api;version=\"[1.0,2)\"");
  }

  /// A jar without any classes.
  public static PluginJar empty(String id, String version) {
    return new PluginJar(id, version);
  }

  /// A jar with the model of `plugin-sources/demo/DemoModel.java`, which answers with its version.
  public static PluginJar model(String id, String version, String model) {
    return new PluginJar(id, version)
        .compiled(resource("plugin-sources/demo/DemoModel.java"))
        .text("demo/demo.properties", "model=%s\nversion=%s\n".formatted(model, version))
        .service("org.tantra.api.Model", "demo.DemoModel");
  }

  /// Sets a header; an empty value removes it.
  public PluginJar header(String name, String value) {
    headers.remove(name);
    if (!value.isEmpty()) {
      headers.put(name, value);
    }
    return this;
  }

  public PluginJar service(String point, String className) {
    return text("META-INF/services/" + point, className + "\n");
  }

  public PluginJar text(String entry, String content) {
    return binary(entry, content.getBytes(StandardCharsets.UTF_8));
  }

  public PluginJar binary(String entry, byte[] content) {
    entries.put(entry, content);
    return this;
  }

  /// Adds an entry that is not compressed.
  public PluginJar stored(String entry, byte[] content) {
    stored.add(entry);
    return binary(entry, content);
  }

  /// Compiles sources together and adds their classes.
  public PluginJar compiled(String... sources) {
    entries.putAll(COMPILED.computeIfAbsent(List.of(sources), PluginJar::compile));
    return this;
  }

  public PluginJar without(String entry) {
    entries.remove(entry);
    return this;
  }

  /// Writes the jar, over whatever is there.
  public Path writeTo(Path file) {
    try {
      return Files.write(file, bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public byte[] bytes() {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    headers.forEach((name, value) -> manifest.getMainAttributes().putValue(name, value));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        jar.putNextEntry(zipEntry(entry.getKey(), entry.getValue()));
        jar.write(entry.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private ZipEntry zipEntry(String name, byte[] content) {
    ZipEntry entry = new ZipEntry(name);
    if (stored.contains(name)) {
      CRC32 checksum = new CRC32();
      checksum.update(content);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(content.length);
      entry.setCrc(checksum.getValue());
    }
    return entry;
  }

  /// An entry of a jar, if it is there, as class loaders read it.
  public static Optional<byte[]> entry(Path jar, String name) {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry entry = zip.getEntry(name);
      return entry == null
          ? Optional.empty()
          : Optional.of(zip.getInputStream(entry).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = PluginJar.class.getClassLoader().getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no test resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, byte[]> compile(List<String> sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    Map<String, byte[]> classes = new LinkedHashMap<>();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(problems, null, null)) {
      Path api = Path.of(Spi.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      files.setLocationFromPaths(StandardLocation.CLASS_PATH, List.of(api));
      boolean compiled =
          compiler
              .getTask(
                  null,
                  new MemoryOutput(files, classes),
                  problems,
                  List.of("-proc:none", "-Xlint:none"),
                  null,
                  sources.stream().map(Source::new).toList())
              .call();
      if (!compiled) {
        throw new IllegalArgumentException(problems.getDiagnostics().toString());
      }
      return classes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String code;

    Source(String code) {
      super(URI.create("string:///" + typeOf(code) + ".java"), Kind.SOURCE);
      this.code = code;
    }

    private static String typeOf(String code) {
      return code.replaceFirst("(?s).*?public (?:final )?(?:class|interface) (\\w+).*", "$1");
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return code;
    }
  }

  private static final class MemoryOutput extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, byte[]> classes;

    MemoryOutput(JavaFileManager files, Map<String, byte[]> classes) {
      super(files);
      this.classes = classes;
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
      String entry = className.replace('.', '/') + kind.extension;
      return new SimpleJavaFileObject(URI.create("memory:///" + entry), kind) {
        @Override
        public OutputStream openOutputStream() {
          return new ByteArrayOutputStream() {
            @Override
            public void close() {
              classes.put(entry, toByteArray());
            }
          };
        }
      };
    }
  }
}
