package org.tantra.host.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.Checkpoint;
import org.tantra.api.ErrorKind;
import org.tantra.api.OpenOptions;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.host.registry.PluginRef;

/// A checkpoint with its weight files mapped. Whoever opened it closes it after the last view has
/// been used.
public final class OpenCheckpoint implements Checkpoint, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OpenCheckpoint.class);
  private static final int SAMPLE_BYTES = 1 << 20;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(
              JsonReadFeature
                  .ALLOW_NON_NUMERIC_NUMBERS) // published config.json files hold a bare Infinity
          .build();

  private final CheckpointPlace place;
  private final WeightOpener opener;
  private final Arena arena = Arena.ofShared();
  private WeightOpener.@Nullable Opened opened; // guarded by this
  private @Nullable String version; // guarded by this
  private boolean closed; // guarded by this

  OpenCheckpoint(CheckpointPlace place, WeightOpener opener) {
    this.place = place;
    this.opener = opener;
  }

  @Override
  public String name() {
    return place.name();
  }

  /// The first 12 hex digits of a SHA-256 over names, sizes, and the first and last MiB of each
  /// weight file: enough to tell checkpoints apart without reading gigabytes.
  @Override
  public synchronized String version() {
    if (version == null) {
      version = sample(place);
    }
    return version;
  }

  /// Opens the weight files on the first call. The formats' code runs outside the lock, so that a
  /// format that hangs keeps nobody from closing the checkpoint.
  @Override
  public WeightSource weights() {
    synchronized (this) {
      requireOpen();
      if (opened != null) {
        return opened.file();
      }
    }
    if (place.weights().isEmpty()) {
      throw new TantraException(ErrorKind.NOT_FOUND, "'" + name() + "' holds no weight file.");
    }
    WeightOpener.Opened fresh = opener.open(place.weights().getFirst(), OpenOptions.NONE);
    boolean kept = false;
    try {
      synchronized (this) {
        requireOpen();
        if (opened == null) {
          opened = fresh;
          kept = true;
        }
        return opened.file();
      }
    } finally {
      if (!kept) {
        close(fresh);
      }
    }
  }

  /// Whether the weights, as far as they were opened, say that nobody has trained them.
  public synchronized boolean untrained() {
    return opened != null && GeneratedWeights.untrained(opened.file());
  }

  /// How many numbers the weights hold, as far as they were opened.
  public long parameters() {
    WeightOpener.Opened weights;
    synchronized (this) {
      weights = opened;
    }
    return weights == null
        ? 0
        : weights.file().tensors().stream().mapToLong(info -> info.shape().elements()).sum();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("checkpoint '" + name() + "' is closed");
    }
  }

  /// The plugin copies whose code reads these weights.
  public synchronized Set<PluginRef> plugins() {
    return opened == null ? Set.of() : opened.plugins();
  }

  @Override
  public Optional<Settings> json(String fileName) {
    Optional<Path> found = sideFile(fileName);
    if (found.isEmpty()) {
      return fileName.equals(CheckpointPlace.CONFIG) && !place.weights().isEmpty()
          ? configWithin()
          : Optional.empty();
    }
    Path file = found.get();
    try {
      Map<String, Object> values = JSON.readValue(file.toFile(), new TypeReference<>() {});
      return Optional.of(Settings.of(place.name() + "/" + fileName, values));
    } catch (JsonProcessingException e) {
      var where = e.getLocation();
      throw new TantraException(
          ErrorKind.CORRUPT,
          "'%s/%s', line %d, column %d: %s."
              .formatted(
                  place.name(),
                  fileName,
                  where == null ? 0 : where.getLineNr(),
                  where == null ? 0 : where.getColumnNr(),
                  e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new TantraException(ErrorKind.INTERNAL, "'" + file + "' cannot be read: " + e + ".", e);
    }
  }

  /// The configuration that a weight file carries in itself: as a text, or as typed attributes.
  private Optional<Settings> configWithin() {
    String text = place.prefix().isEmpty() ? null : weights().metadata().get("config");
    if (text == null) {
      return Optional.of(weights().attributes()).filter(values -> !values.keys().isEmpty());
    }
    try {
      Map<String, Object> values = JSON.readValue(text, new TypeReference<>() {});
      return Optional.of(Settings.of("the config within '" + place.name() + "'", values));
    } catch (JsonProcessingException e) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "The config within '%s' is no JSON object: %s."
              .formatted(place.name(), e.getOriginalMessage()),
          e);
    }
  }

  @Override
  public Optional<MemorySegment> file(String fileName) {
    Optional<Path> found = sideFile(fileName);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Path file = found.get();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return Optional.of(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
    } catch (IOException e) {
      throw new TantraException(ErrorKind.INTERNAL, "'" + file + "' cannot be read: " + e + ".", e);
    }
  }

  private Optional<Path> sideFile(String fileName) {
    if (fileName.isEmpty()
        || fileName.contains("/")
        || fileName.contains("\\")
        || fileName.startsWith("..")) {
      throw new TantraException(
          ErrorKind.INVALID,
          "'" + fileName + "' is no plain file name within checkpoint '" + name() + "'.");
    }
    return place.sideFile(fileName);
  }

  private static String sample(CheckpointPlace place) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path file : place.weights()) {
        long size = Files.size(file);
        digest.update((file.getFileName() + ":" + size + "\n").getBytes(StandardCharsets.UTF_8));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            Arena scratch = Arena.ofConfined()) {
          long length = Math.min(size, SAMPLE_BYTES);
          for (long offset : new long[] {0, size - length}) {
            digest.update(
                channel.map(FileChannel.MapMode.READ_ONLY, offset, length, scratch).asByteBuffer());
          }
        }
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 6);
    } catch (IOException e) {
      throw new TantraException(
          ErrorKind.INTERNAL, "Checkpoint '" + place.name() + "' cannot be read: " + e + ".", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public void close() {
    WeightOpener.Opened last;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      last = opened;
    }
    try {
      if (last != null) {
        close(last);
      }
    } finally {
      arena.close();
    }
  }

  private static void close(WeightOpener.Opened weights) {
    try {
      weights.close();
    } catch (RuntimeException | LinkageError e) {
      log.warn("Weights of format {} did not close: {}", weights.format(), e.toString());
    }
  }
}
