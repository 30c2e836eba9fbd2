package org.tantra.host.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// A YAML file as a tree of plain values that remembers the line of each key.
///
/// Read with SnakeYAML's safe loader: no tag makes an object; duplicate keys, aliases that multiply
/// and deep nesting are refused.
///
/// @param name what messages call the file, such as `Config/host.yaml`
/// @param values the top-level object
/// @param lines line number, from 1, of each key by its dotted path
record YamlFile(String name, Map<String, Object> values, Map<String, Integer> lines) {
  private static final int MAXIMUM_BYTES = 1 << 20;

  /// Reads a file; nothing if it does not exist.
  ///
  /// @throws TantraException `INVALID` if it is no YAML object, with line and column
  static Optional<YamlFile> read(Path file, String name) {
    String text;
    try {
      if (Files.size(file) > MAXIMUM_BYTES) {
        throw new TantraException(
            ErrorKind.INVALID,
            name + " has " + Files.size(file) + " bytes; a configuration has at most 1 MiB.");
      }
      text = Files.readString(file);
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (CharacterCodingException e) {
      throw new TantraException(
          ErrorKind.INVALID, name + " is not UTF-8 text. Save it as UTF-8.", e);
    } catch (IOException e) {
      throw new TantraException(ErrorKind.INVALID, name + " cannot be read: " + e + ".", e);
    }
    return Optional.of(parse(text, name));
  }

  static YamlFile parse(String text, String name) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setMaxAliasesForCollections(20);
    options.setNestingDepthLimit(20);
    options.setCodePointLimit(MAXIMUM_BYTES);
    Map<String, Integer> lines = new LinkedHashMap<>();
    try {
      Scalars scalars = new Scalars(options);
      Node root = new Yaml(scalars).compose(new StringReader(text));
      if (root == null || root.getTag().equals(Tag.NULL)) {
        return new YamlFile(name, Map.of(), lines);
      }
      if (!(root instanceof MappingNode mapping)) {
        throw new TantraException(
            ErrorKind.INVALID, name + " holds no keys; it must be a list of 'key: value' lines.");
      }
      return new YamlFile(name, scalars.object(mapping, "", lines), lines);
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
      throw new TantraException(
          ErrorKind.INVALID, name + ", line " + line + ": " + e.getProblem() + ".", e);
    } catch (YAMLException e) {
      throw new TantraException(ErrorKind.INVALID, name + ": " + e.getMessage() + ".", e);
    }
  }

  /// The line of a key, or 0 if it is not in the file.
  int line(String path) {
    return lines.getOrDefault(path, 0);
  }

  /// Turns composed nodes into values, so that the line of each key is still at hand.
  private static final class Scalars extends SafeConstructor {
    Scalars(LoaderOptions options) {
      super(options);
    }

    private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());

    Map<String, Object> object(MappingNode mapping, String path, Map<String, Integer> lines) {
      if (!open.add(mapping)) {
        throw new YAMLException("'" + path + "' contains itself");
      }
      flattenMapping(mapping);
      Map<String, Object> values = new LinkedHashMap<>();
      for (var tuple : mapping.getValue()) {
        if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
          throw new YAMLException(
              "line " + (tuple.getKeyNode().getStartMark().getLine() + 1) + ": a key must be text");
        }
        String at = path.isEmpty() ? key.getValue() : path + "." + key.getValue();
        lines.put(at, key.getStartMark().getLine() + 1);
        Object value = value(tuple.getValueNode(), at, lines);
        if (value != null) {
          values.put(key.getValue(), value);
        }
      }
      open.remove(mapping);
      return values;
    }

    private @Nullable Object value(Node node, String path, Map<String, Integer> lines) {
      return switch (node) {
        case MappingNode mapping -> object(mapping, path, lines);
        case SequenceNode sequence -> {
          if (!open.add(sequence)) {
            throw new YAMLException("'" + path + "' contains itself");
          }
          List<Object> items = new ArrayList<>();
          for (Node item : sequence.getValue()) {
            Object value = value(item, path + "[" + items.size() + "]", lines);
            if (value != null) {
              items.add(value);
            }
          }
          open.remove(sequence);
          yield items;
        }
        default -> constructObject(node);
      };
    }
  }
}
