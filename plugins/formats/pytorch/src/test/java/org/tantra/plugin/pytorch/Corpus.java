package org.tantra.plugin.pytorch;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The weight-file corpus under `golden/corpus`, with what its index expects.
final class Corpus {
  /// Values of `format` in the index that belong to this plugin.
  static final Set<String> FORMATS =
      Set.of(
          "pickle",
          "pt2",
          "torch-legacy",
          "torch-package",
          "torch-preview",
          "torch-tar",
          "torch-zip",
          "torchscript");

  private static final Path FOLDER = folder();

  private Corpus() {}

  /// One file of the corpus.
  record Entry(Path file, JsonNode expected) {
    boolean ok() {
      return expected.get("verdict").asText().equals("ok");
    }

    boolean must() {
      return expected.get("level").asText().equals("must");
    }

    /// Every code with which a refusal is right.
    List<String> categories() {
      List<String> categories = new ArrayList<>();
      for (String field : List.of(ok() ? "alt_reject" : "category", "alt_categories")) {
        JsonNode node = expected.path(field);
        if (node.isTextual()) {
          categories.add(node.asText());
        }
        node.forEach(category -> categories.add(category.asText()));
      }
      return categories;
    }

    @Override
    public String toString() {
      return expected.get("file").asText();
    }
  }

  static List<Entry> entries() {
    try {
      List<Entry> entries = new ArrayList<>();
      JsonNode index = new ObjectMapper().readTree(FOLDER.resolve("index.json").toFile());
      for (JsonNode file : index.get("files")) {
        if (FORMATS.contains(file.get("format").asText())) {
          entries.add(new Entry(FOLDER.resolve(file.get("file").asText()), file));
        }
      }
      return entries;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] bytes(Entry entry) {
    try {
      return Files.readAllBytes(entry.file());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path file(String name) {
    return FOLDER.resolve(name);
  }

  private static Path folder() {
    try {
      URL index = Corpus.class.getResource("/golden/corpus/index.json");
      return requireNonNull(Path.of(requireNonNull(index, "index.json").toURI()).getParent());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
