package org.tantra.host.runtime;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.Spi;
import org.tantra.api.TantraException;

/// The one list of what plugins see of the host: it feeds the parent class loader of the PF4J
/// runtime and the system packages of the Felix runtime.
public final class SharedPackages {
  /// One resource of each shared library, by which its jar or folder is found on the class path.
  private static final List<String> ANCHORS =
      List.of(
          "org/tantra/api/Spi.class",
          "org/tantra/nn/package-info.class",
          "org/tantra/media/package-info.class",
          "org/slf4j/Logger.class");

  /// Code of one CPU family or another, private to `nn`.
  private static final String KERNELS = "org.tantra.nn.kernel";

  private final ClassLoader host;
  private final List<PackageExport> exported;
  private final Set<String> names;
  private final List<String> roots;

  private SharedPackages(ClassLoader host, List<PackageExport> exported, List<String> roots) {
    this.host = host;
    this.exported = List.copyOf(exported);
    this.names = exported.stream().map(PackageExport::name).collect(Collectors.toUnmodifiableSet());
    this.roots = List.copyOf(roots);
  }

  /// The api, the exported packages of `nn` and `media`, and slf4j, as found by a class loader of
  /// the host.
  ///
  /// A library's packages are those of its `Export-Package` header, or all of them if it has no
  /// such header. A library that is not there is left out, which only `nn` and `media` may be.
  ///
  /// @throws TantraException `INTERNAL` if the class path cannot be read
  public static SharedPackages of(ClassLoader host) {
    List<PackageExport> exported = new ArrayList<>();
    List<String> roots = new ArrayList<>();
    for (String anchor : ANCHORS) {
      URL url = host.getResource(anchor);
      if (url != null) {
        String text = url.toString();
        String root = text.substring(0, text.length() - anchor.length());
        roots.add(root);
        try {
          exported.addAll(exportedBy(root, anchor));
        } catch (IOException e) {
          throw new TantraException(
              ErrorKind.INTERNAL, "Cannot read the shared packages of " + root + ": " + e, e);
        }
      }
    }
    exported.removeIf(one -> one.name().equals(KERNELS));
    return new SharedPackages(host, exported, roots);
  }

  private static List<PackageExport> exportedBy(String root, String anchor) throws IOException {
    String header = exportHeader(root);
    if (header != null) {
      return PackageExport.parse(header);
    }
    String version = anchor.startsWith("org/tantra/api/") ? Spi.VERSION : "0";
    return packagesIn(root).stream().map(name -> new PackageExport(name, version)).toList();
  }

  private static @Nullable String exportHeader(String root) throws IOException {
    URLConnection connection = URI.create(root + "META-INF/MANIFEST.MF").toURL().openConnection();
    connection.setUseCaches(false); // a cached connection keeps the jar open for ever
    try (InputStream in = connection.getInputStream()) {
      return new Manifest(in).getMainAttributes().getValue("Export-Package");
    } catch (FileNotFoundException _) {
      return null;
    }
  }

  private static Set<String> packagesIn(String root) throws IOException {
    if (root.startsWith("jar:")) {
      URI jar = URI.create(root.substring("jar:".length(), root.length() - "!/".length()));
      try (ZipFile zip = new ZipFile(new File(jar))) {
        return packagesOf(zip.stream().map(ZipEntry::getName));
      }
    }
    Path folder = Path.of(URI.create(root));
    try (Stream<Path> files = Files.walk(folder)) {
      return packagesOf(
          files.map(file -> folder.relativize(file).toString().replace(File.separatorChar, '/')));
    }
  }

  private static Set<String> packagesOf(Stream<String> entries) {
    return entries
        .filter(name -> name.endsWith(".class") && !name.startsWith("META-INF/"))
        .filter(name -> name.indexOf('/') > 0)
        .map(name -> name.substring(0, name.lastIndexOf('/')).replace('/', '.'))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  boolean contains(String packageName) {
    return names.contains(packageName);
  }

  /// Whether a plugin that wants this package gets it from the host.
  boolean satisfies(PackageImport wanted) {
    return exported.stream().anyMatch(one -> one.satisfies(wanted));
  }

  /// Whether a class lies in a shared package.
  public boolean containsClass(String className) {
    int dot = className.lastIndexOf('.');
    return dot > 0 && names.contains(className.substring(0, dot));
  }

  /// The host's own class.
  ///
  /// @throws ClassNotFoundException if it does not lie in a shared package, or does not exist
  Class<?> load(String className) throws ClassNotFoundException {
    if (containsClass(className)) {
      return host.loadClass(className);
    }
    throw new ClassNotFoundException(className);
  }

  /// The resources of that name in the jars and folders of the shared libraries.
  List<URL> resources(String name) throws IOException {
    return Collections.list(host.getResources(name)).stream()
        .filter(url -> roots.stream().anyMatch(url.toString()::startsWith))
        .toList();
  }

  /// As `Export-Package` header of an OSGi system bundle.
  public String osgiHeader() {
    return exported.stream()
        .map(one -> "%s;version=\"%s\"".formatted(one.name(), one.version()))
        .collect(Collectors.joining(","));
  }
}
