package org.tantra.nn;

import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.tantra.api.Checkpoint;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// The `config.json` of a checkpoint, which says how large the network is.
public final class ConfigFile {
  private static final String NAME = "config.json";
  private static final String DAMAGED = " The file is damaged or belongs to another kind of model.";

  /// Far above every published checkpoint, and low enough that no product of two sizes overflows.
  private static final int MAXIMUM_SIZE = 1 << 24;

  private ConfigFile() {}

  /// Reads the file, or what a GGUF file says of itself. What `reader` finds `INVALID` becomes
  /// `CORRUPT`: the request is not at fault, the checkpoint is.
  ///
  /// @throws TantraException `NOT_FOUND` if there is no such file; otherwise as `reader`
  public static <C> C read(Checkpoint checkpoint, Function<Settings, C> reader) {
    Settings json =
        checkpoint
            .json(NAME)
            .orElseThrow(
                () ->
                    new TantraException(
                        ErrorKind.NOT_FOUND,
                        "Checkpoint '"
                            + checkpoint.name()
                            + "' has no config.json, which says how large the network is. Put the"
                            + " published one beside the weights."));
    try {
      return reader.apply(json);
    } catch (TantraException e) {
      String message = String.valueOf(e.getMessage());
      boolean elsewhere = GgufConfig.describes(json) && message.startsWith(NAME);
      if (e.kind() != ErrorKind.INVALID && !elsewhere) {
        throw e;
      }
      throw new TantraException(
          e.kind() == ErrorKind.INVALID ? ErrorKind.CORRUPT : e.kind(),
          elsewhere ? json.origin() + message.substring(NAME.length()) : message,
          e);
    }
  }

  /// Reads sizes to plan weights with. What `reader` finds `CORRUPT` becomes `INVALID`: there is no
  /// checkpoint yet, whoever wrote the values is at fault.
  public static <C> C plan(Settings values, Function<Settings, C> reader) {
    try {
      return reader.apply(values);
    } catch (TantraException e) {
      String message = String.valueOf(e.getMessage());
      String told = message.startsWith(NAME) ? message.substring(NAME.length()) : " " + message;
      throw new TantraException(
          e.kind() == ErrorKind.CORRUPT ? ErrorKind.INVALID : e.kind(),
          values.origin() + told.replace(DAMAGED, ""),
          e);
    }
  }

  /// @throws TantraException `CORRUPT` if a size is not plausible
  public static void requireSize(String key, int size) {
    if (size < 1 || size > MAXIMUM_SIZE) {
      throw corrupt(key + " is " + size + "; it must be between 1 and " + MAXIMUM_SIZE);
    }
  }

  /// @throws TantraException `CORRUPT` if it is no plausible addend under a root
  public static void requireEpsilon(String key, double epsilon) {
    if (!(epsilon > 0 && epsilon < 1)) {
      throw corrupt(key + " is " + epsilon + "; it must be above 0 and below 1");
    }
  }

  /// A token id, of a list the first, or nothing if it is not in the vocabulary.
  public static OptionalInt token(Settings json, String key, int otherwise, int vocab) {
    int id =
        json.asMap().get(key) instanceof List<?>
            ? json.integers(key).stream().findFirst().orElse(otherwise)
            : json.integer(key, otherwise);
    return id >= 0 && id < vocab ? OptionalInt.of(id) : OptionalInt.empty();
  }

  /// Token ids given as one number or as a list, those in the vocabulary.
  public static Set<Integer> tokens(Settings json, String key, int otherwise, int vocab) {
    List<Integer> ids =
        json.asMap().get(key) instanceof List<?>
            ? json.integers(key)
            : List.of(json.integer(key, otherwise));
    return ids.stream().filter(id -> id >= 0 && id < vocab).collect(Collectors.toUnmodifiableSet());
  }

  /// An error for values that cannot be.
  ///
  /// @param what half a sentence
  public static TantraException corrupt(String what) {
    return new TantraException(ErrorKind.CORRUPT, NAME + ": " + what + "." + DAMAGED);
  }

  /// An error for values that ask for another network.
  ///
  /// @param what whole sentences
  public static TantraException unsupported(String what) {
    return new TantraException(ErrorKind.UNSUPPORTED, NAME + " " + what);
  }
}
