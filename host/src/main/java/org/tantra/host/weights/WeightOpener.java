package org.tantra.host.weights;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.tantra.api.ErrorKind;
import org.tantra.api.FileHead;
import org.tantra.api.OpenOptions;
import org.tantra.api.Probe;
import org.tantra.api.TantraException;
import org.tantra.api.WeightFile;
import org.tantra.api.WeightFormat;
import org.tantra.host.registry.ExtensionRegistry;
import org.tantra.host.registry.Lease;

/// Opens weight files: asks every format plugin whether the first bytes are its own, never the file
/// name.
///
/// Only when no format accepts the bytes does the file name matter: the format that usually has
/// this extension opens the file for the sake of its error, which says more than "unknown".
public final class WeightOpener {
  private final ExtensionRegistry registry;

  public WeightOpener(ExtensionRegistry registry) {
    this.registry = registry;
  }

  /// An open weight file and the lease on the format that reads it; closing gives both back.
  ///
  /// @param format the format's id
  public record Opened(String format, WeightFile file, Lease<WeightFormat> lease)
      implements AutoCloseable {
    @Override
    public void close() {
      try {
        file.close();
      } finally {
        lease.close();
      }
    }
  }

  /// Opens a file.
  ///
  /// @throws TantraException `NOT_FOUND` if there is no such file; `UNSUPPORTED` if no running
  ///   format reads it, with each format's reason; whatever the format says about a file it has
  ///   accepted
  public Opened open(Path file, OpenOptions options) {
    FileHead head = head(file);
    List<String> reasons = new ArrayList<>();
    List<ExtensionRegistry.Entry> formats = registry.list(WeightFormat.class);
    for (ExtensionRegistry.Entry format : formats) {
      Optional<Lease<WeightFormat>> lease = registry.lease(WeightFormat.class, format.id());
      if (lease.isEmpty()) {
        continue;
      }
      switch (probe(lease.get(), head)) {
        case Probe.Accepted(_) -> {
          return open(format.id(), lease.get(), file, options);
        }
        case Probe.Declined(String reason) -> {
          lease.get().close();
          reasons.add(format.id() + ": " + reason);
        }
      }
    }
    for (ExtensionRegistry.Entry format : formats) {
      Optional<Lease<WeightFormat>> lease = registry.lease(WeightFormat.class, format.id());
      if (lease.isPresent() && usesExtension(lease.get(), file)) {
        return open(format.id(), lease.get(), file, options);
      }
      lease.ifPresent(Lease::close);
    }
    throw unreadable(file, head, reasons);
  }

  private static boolean usesExtension(Lease<WeightFormat> lease, Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return lease.get().info().extensions().stream().anyMatch(end -> name.endsWith("." + end));
  }

  private static Probe probe(Lease<WeightFormat> lease, FileHead head) {
    try {
      return requireNonNull(lease.get().probe(head), "probe() gave null");
    } catch (Throwable e) {
      // A probe must not throw; one that does must not keep the other formats from being asked.
      return new Probe.Declined("its plugin " + lease.plugin() + " failed: " + e);
    }
  }

  private static Opened open(String id, Lease<WeightFormat> lease, Path file, OpenOptions options) {
    boolean opened = false;
    try {
      WeightFile weights = lease.get().open(file, options);
      opened = true;
      return new Opened(id, weights, lease);
    } catch (IOException e) {
      throw new TantraException(ErrorKind.INTERNAL, "'" + file + "' cannot be read: " + e + ".", e);
    } finally {
      if (!opened) {
        lease.close();
      }
    }
  }

  private static FileHead head(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return new FileHead(in.readNBytes(FileHead.MAXIMUM_BYTES), Files.size(file));
    } catch (NoSuchFileException e) {
      throw new TantraException(ErrorKind.NOT_FOUND, "There is no weight file '" + file + "'.", e);
    } catch (IOException e) {
      throw new TantraException(ErrorKind.INTERNAL, "'" + file + "' cannot be read: " + e + ".", e);
    }
  }

  private static TantraException unreadable(Path file, FileHead head, List<String> reasons) {
    byte[] first = new byte[Math.min(4, head.length())];
    for (int i = 0; i < first.length; i++) {
      first[i] = (byte) head.at(i);
    }
    String asked =
        reasons.isEmpty() ? "No weight format plugin is running" : String.join("; ", reasons);
    return new TantraException(
        ErrorKind.UNSUPPORTED,
        "No weight format reads '%s' (%s). %s. %s"
            .formatted(
                file.getFileName(),
                first.length == 0
                    ? "the file is empty"
                    : "first bytes " + HexFormat.ofDelimiter(" ").formatHex(first),
                asked,
                FileSignature.of(head)
                    .map(what -> "It looks like " + what + ".")
                    .orElse("Convert it, or add a plugin for this format.")));
  }
}
