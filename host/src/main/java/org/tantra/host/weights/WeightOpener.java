package org.tantra.host.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.tantra.api.ErrorKind;
import org.tantra.api.FileHead;
import org.tantra.api.OpenOptions;
import org.tantra.api.Probe;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.WeightFormat;
import org.tantra.host.registry.ExtensionRegistry;
import org.tantra.host.registry.Lease;
import org.tantra.host.registry.PluginRef;

/// Opens weight files: asks every format plugin whether the first bytes are its own, never the file
/// name. A shard index (`*.index.json`) opens as all of its shards together.
///
/// Bare numbers are read only if the caller, or a side file `<name>.json`, says what they are. Only
/// when no format accepts the bytes does the file name matter: the format that usually has this
/// extension opens the file for the sake of its error, which says more than "unknown".
public final class WeightOpener {
  /// Endings under which people keep bare numbers.
  private static final Set<String> RAW_ENDINGS = Set.of("bin", "raw");

  private final ExtensionRegistry registry;

  public WeightOpener(ExtensionRegistry registry) {
    this.registry = registry;
  }

  /// An open weight file and the leases on the formats that read it; closing gives all back.
  ///
  /// @param format the format's id
  /// @param leases one for each file: several if it is a shard index
  public record Opened(String format, WeightFile file, List<Lease<WeightFormat>> leases)
      implements AutoCloseable {
    public Opened {
      leases = List.copyOf(leases);
    }

    /// The plugin copies whose code reads the file.
    public Set<PluginRef> plugins() {
      return leases.stream().map(Lease::plugin).collect(Collectors.toSet());
    }

    @Override
    public void close() {
      try {
        file.close();
      } finally {
        leases.forEach(Lease::close);
      }
    }
  }

  /// The format that reads a file.
  ///
  /// @param options what is known about the file by now
  record Recognised(Lease<WeightFormat> lease, OpenOptions options) {}

  /// Opens a file, or all shards of an index.
  ///
  /// @throws TantraException `NOT_FOUND` if there is no such file; `UNSUPPORTED` if no running
  ///   format reads it, with each format's reason; `CORRUPT` if it is empty, or an index whose
  ///   shards are not as it says; whatever the format says about a file it has accepted
  public Opened open(Path file, OpenOptions options) {
    return ShardIndex.isNamedLikeOne(file) ? openShards(file) : openFile(file, options);
  }

  private Opened openFile(Path file, OpenOptions options) {
    Recognised recognised = recognise(file, options);
    Lease<WeightFormat> lease = recognised.lease();
    boolean opened = false;
    try {
      WeightFile weights = lease.get().open(file, recognised.options());
      opened = true;
      return new Opened(lease.get().info().id(), weights, List.of(lease));
    } catch (IOException e) {
      throw unreadable(file, e);
    } catch (TantraException e) {
      throw e;
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      // As text: a kept exception keeps the plugin's classes.
      throw new TantraException(
          ErrorKind.INTERNAL,
          "Plugin %s failed while opening '%s': %s.".formatted(lease.plugin(), file, e));
    } finally {
      if (!opened) {
        lease.close();
      }
    }
  }

  private Opened openShards(Path indexFile) {
    List<Opened> opened = new ArrayList<>();
    boolean complete = false;
    try {
      ShardIndex index = ShardIndex.read(indexFile);
      Map<String, WeightFile> shards = new LinkedHashMap<>();
      Set<String> formats = new LinkedHashSet<>();
      List<Lease<WeightFormat>> leases = new ArrayList<>();
      for (String name : index.shards()) {
        Opened shard = openFile(indexFile.resolveSibling(name), OpenOptions.NONE);
        opened.add(shard);
        shards.put(name, shard.file());
        formats.add(shard.format());
        leases.addAll(shard.leases());
      }
      WeightFile all = new ShardedWeights(indexFile, index, shards);
      complete = true;
      return new Opened(String.join("+", formats), all, leases);
    } catch (NoSuchFileException e) {
      throw missing(indexFile, e);
    } catch (IOException e) {
      throw unreadable(indexFile, e);
    } finally {
      if (!complete) {
        opened.reversed().forEach(Opened::close);
      }
    }
  }

  /// Finds the format of a file; the caller closes the lease.
  ///
  /// @throws TantraException as [#open]
  Recognised recognise(Path file, OpenOptions options) {
    FileHead head = head(file);
    if (head.fileSize() == 0) {
      throw new TantraException(
              ErrorKind.CORRUPT,
              "'%s' is empty (0 bytes). Fetch it again.".formatted(file.getFileName()))
          .withCode("empty-file");
    }
    Map<String, String> declined = new LinkedHashMap<>();
    Optional<Recognised> accepted = accepted(head, OpenOptions.NONE, declined);
    if (accepted.isPresent()) {
      return accepted.get();
    }
    OpenOptions known = options.raw() != null ? options : SideFile.of(file);
    if (known.raw() != null) {
      return accepted(head, known, declined)
          .orElseThrow(() -> unknown(file, head, declined, "unknown-format"));
    }
    Optional<FileSignature> signature = FileSignature.of(head);
    if (signature.isPresent()) {
      throw unknown(file, head, declined, signature.get().code());
    }
    String ending = ending(file);
    if (RAW_ENDINGS.contains(ending)) {
      throw unknown(file, head, declined, "raw-needs-schema");
    }
    return usualFor(ending)
        .map(lease -> new Recognised(lease, options))
        .orElseThrow(() -> unknown(file, head, declined, "unknown-format"));
  }

  /// The first format that accepts; the others' reasons go to `declined`.
  private Optional<Recognised> accepted(
      FileHead head, OpenOptions options, Map<String, String> declined) {
    for (ExtensionRegistry.Entry format : registry.list(WeightFormat.class)) {
      Optional<Lease<WeightFormat>> lease = registry.lease(WeightFormat.class, format.id());
      if (lease.isEmpty()) {
        continue;
      }
      switch (probe(lease.get(), head, options)) {
        case Probe.Accepted(_) -> {
          return Optional.of(new Recognised(lease.get(), options));
        }
        case Probe.Declined(String reason) -> {
          lease.get().close();
          declined.put(format.id(), reason);
        }
      }
    }
    return Optional.empty();
  }

  private static Probe probe(Lease<WeightFormat> lease, FileHead head, OpenOptions options) {
    try {
      return options.raw() == null ? lease.get().probe(head) : lease.get().probe(head, options);
    } catch (RuntimeException | LinkageError e) {
      // A probe must not throw; one that does must not keep the other formats from being asked.
      return new Probe.Declined("its plugin " + lease.plugin() + " failed: " + e);
    }
  }

  private Optional<Lease<WeightFormat>> usualFor(String ending) {
    for (ExtensionRegistry.Entry format : registry.list(WeightFormat.class)) {
      Optional<Lease<WeightFormat>> lease = registry.lease(WeightFormat.class, format.id());
      if (lease.isPresent() && lease.get().get().info().extensions().contains(ending)) {
        return lease;
      }
      lease.ifPresent(Lease::close);
    }
    return Optional.empty();
  }

  /// What follows the last dot of the name, in lower case; empty if nothing does.
  static String ending(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static FileHead head(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return new FileHead(in.readNBytes(FileHead.MAXIMUM_BYTES), Files.size(file));
    } catch (NoSuchFileException e) {
      throw missing(file, e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static TantraException missing(Path file, NoSuchFileException e) {
    return new TantraException(ErrorKind.NOT_FOUND, "There is no weight file '" + file + "'.", e);
  }

  static TantraException unreadable(Path file, IOException e) {
    return new TantraException(ErrorKind.INTERNAL, "'" + file + "' cannot be read: " + e + ".", e);
  }

  private static TantraException unknown(
      Path file, FileHead head, Map<String, String> declined, String code) {
    byte[] first = new byte[Math.min(4, head.length())];
    for (int i = 0; i < first.length; i++) {
      first[i] = (byte) head.at(i);
    }
    String asked =
        declined.isEmpty()
            ? "No weight format plugin is running"
            : declined.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .collect(Collectors.joining("; "));
    String hint =
        code.equals("raw-needs-schema")
            ? "If it holds bare numbers, say which: --dtype and --shape, or a file '%s.json' with dtype and shape."
                .formatted(file.getFileName())
            : FileSignature.of(head)
                .map(signature -> "It looks like " + signature.what() + ".")
                .orElse("Convert it, or add a plugin for this format.");
    return new TantraException(
            ErrorKind.UNSUPPORTED,
            "No weight format reads '%s' (first bytes %s). %s. %s"
                .formatted(
                    file.getFileName(), HexFormat.ofDelimiter(" ").formatHex(first), asked, hint))
        .withCode(code);
  }
}
