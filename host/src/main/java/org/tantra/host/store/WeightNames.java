package org.tantra.host.store;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// How weight files are called: `<type>_<version>_<format>.<ending>`. The part with the format may
/// be missing, and the type may begin with a capital: `Tantra_v1.0.pt`.
final class WeightNames {
  /// Endings of files that hold weights.
  static final Set<String> ENDINGS =
      Set.of("safetensors", "bin", "pt", "pth", "gguf", "npz", "npy");

  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,99}");

  private WeightNames() {}

  /// What a file name says.
  record Parts(String type, String version) {}

  static boolean isWeightFile(String fileName) {
    return !fileName.startsWith(".") && ENDINGS.contains(ending(fileName));
  }

  static String ending(String fileName) {
    return fileName.substring(fileName.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  static String stem(String fileName) {
    int dot = fileName.lastIndexOf('.');
    return dot <= 0 ? fileName : fileName.substring(0, dot);
  }

  /// The last part of a path of any machine.
  static String fileName(String path) {
    return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  }

  /// The name of a new file.
  ///
  /// @param ending also names the format, as the earlier system did
  static String fileName(String type, String version, String ending) {
    return type + "_" + version + "_" + ending + "." + ending;
  }

  /// Takes a name apart. Types may contain the separator, so the known ones are tried first.
  static Parts parse(String fileName, Collection<String> types) {
    String stem = stem(fileName);
    int last = stem.lastIndexOf('_');
    if (last > 0 && ENDINGS.contains(stem.substring(last + 1).toLowerCase(Locale.ROOT))) {
      stem = stem.substring(0, last);
    }
    String lower = stem.toLowerCase(Locale.ROOT);
    Optional<String> known =
        types.stream()
            .filter(type -> lower.equals(type) || lower.startsWith(type + "_"))
            .max(Comparator.comparingInt(String::length));
    if (known.isPresent()) {
      String rest = stem.substring(known.get().length());
      return new Parts(known.get(), rest.isEmpty() ? "" : rest.substring(1));
    }
    int separator = stem.lastIndexOf('_');
    return separator > 0
        ? new Parts(lower.substring(0, separator), stem.substring(separator + 1))
        : new Parts(lower, "");
  }

  /// Refuses what cannot be part of a file name, or would name a file elsewhere.
  static void requireWord(String what, String value) {
    if (!WORD.matcher(value).matches() || value.contains("..")) {
      throw new TantraException(
              ErrorKind.INVALID,
              "The %s '%s' cannot be part of a file name: use letters, digits, '.', '_', '+' and '-'."
                  .formatted(what, value.length() <= 100 ? value : value.substring(0, 100)))
          .about(what);
    }
  }
}
