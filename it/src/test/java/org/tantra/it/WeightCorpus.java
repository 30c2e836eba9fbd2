package org.tantra.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.tantra.api.OpenOptions;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;

/// The weight files with known verdicts that lie in the format plugins' tests and in this module's.
final class WeightCorpus {
  private static final Pattern INDEX =
      Pattern.compile(".*/src/test/resources/golden/[^/]+/index\\.json");

  private WeightCorpus() {}

  /// One file and what is expected of it.
  record Entry(Path file, JsonNode expected) {
    String name() {
      return expected.path("file").asText();
    }

    String format() {
      return expected.path("format").asText();
    }

    boolean ok() {
      return expected.path("verdict").asText().equals("ok");
    }

    /// Whether the verdict is the only right one.
    boolean must() {
      return expected.path("level").asText().equals("must");
    }

    boolean mayFailLate() {
      return expected.path("stage").asText().equals("open-or-read");
    }

    /// Every code with which a refusal is right.
    Set<String> codes() {
      Set<String> codes = new HashSet<>(Set.of(expected.path("category").asText()));
      for (String field : List.of("alt_categories", "alt_reject")) {
        expected.path(field).forEach(code -> codes.add(code.asText()));
      }
      return codes;
    }

    /// What the caller says about bare numbers; nothing for other files.
    ///
    /// @throws ArithmeticException if no tensor can have such a shape
    OpenOptions options() {
      JsonNode known = expected.path("read_as");
      if (known.isMissingNode()) {
        return OpenOptions.NONE;
      }
      long[] shape = new long[known.path("shape").size()];
      for (int i = 0; i < shape.length; i++) {
        shape[i] = known.path("shape").get(i).longValue();
      }
      DType dtype = DType.valueOf(known.path("dtype").asText());
      return new OpenOptions(
          new TensorInfo("tensor", dtype, Shape.of(shape)),
          known.path("byteorder").asText().equals("big"));
    }

    @Override
    public String toString() {
      return name();
    }
  }

  /// Every file once, except of formats whose plugin is not built here.
  static Collection<Entry> entries() throws IOException {
    boolean gguf = plugins().contains("gguf");
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Path index : indices()) {
      for (JsonNode expected : new ObjectMapper().readTree(index.toFile()).path("files")) {
        Path file = index.resolveSibling(expected.path("file").asText());
        if (!Files.isRegularFile(file)) {
          throw new AssertionError("there is no fixture " + file);
        }
        entries.putIfAbsent(expected.path("file").asText(), new Entry(file, expected));
      }
    }
    return entries.values().stream()
        .filter(entry -> gguf || !entry.format().equals("gguf"))
        .toList();
  }

  private static List<Path> indices() throws IOException {
    Path own = Installation.ROOT.resolve("it/src/test/resources/golden/shards/index.json");
    try (Stream<Path> files = Files.walk(Installation.ROOT.resolve("plugins/formats"))) {
      return Stream.concat(
              Stream.of(own),
              files.filter(file -> INDEX.matcher(file.toString()).matches()).sorted())
          .toList();
    }
  }

  /// The format plugins that are built here.
  static List<String> plugins() throws IOException {
    try (Stream<Path> folders = Files.list(Installation.ROOT.resolve("plugins/formats"))) {
      return folders
          .filter(folder -> Files.isRegularFile(folder.resolve("pom.xml")))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    }
  }
}
