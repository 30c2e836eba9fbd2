package org.tantra.nn.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.tantra.api.Checkpoint;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.testkit.MemoryWeights;

/// A checkpoint of side files in memory, and what its weights say of themselves.
record TextCheckpoint(Map<String, String> files, Settings attributes) implements Checkpoint {
  private static final ObjectMapper JSON = new ObjectMapper();

  TextCheckpoint(Map<String, String> files) {
    this(files, Settings.empty("none"));
  }

  static TextCheckpoint of(String name, Object json) {
    return new TextCheckpoint(Map.of(name, json instanceof String text ? text : write(json)));
  }

  static String write(Object json) {
    try {
      return JSON.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Map<String, Object> parse(String json) throws JsonProcessingException {
    return JSON.readValue(json, new TypeReference<LinkedHashMap<String, Object>>() {});
  }

  /// A golden file of these tests.
  static String golden(String path) throws IOException {
    try (InputStream in = TextCheckpoint.class.getResourceAsStream("/golden/" + path)) {
      return new String(Objects.requireNonNull(in, path).readAllBytes(), UTF_8);
    }
  }

  @Override
  public String name() {
    return "test";
  }

  @Override
  public String version() {
    return "1";
  }

  @Override
  public WeightSource weights() {
    return MemoryWeights.of(Map.of()).withAttributes(attributes);
  }

  @Override
  public Optional<Settings> json(String fileName) {
    try {
      String text = files.get(fileName);
      return text == null
          ? Optional.empty()
          : Optional.of(Settings.of("test/" + fileName, parse(text)));
    } catch (JsonProcessingException e) {
      throw new TantraException(ErrorKind.CORRUPT, "'test/" + fileName + "': " + e, e);
    }
  }

  @Override
  public Optional<MemorySegment> file(String fileName) {
    return Optional.ofNullable(files.get(fileName))
        .map(text -> MemorySegment.ofArray(text.getBytes(UTF_8)));
  }
}
