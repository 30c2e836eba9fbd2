package org.tantra.host.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.TensorView;
import org.tantra.host.Host;
import org.tantra.host.InputFile;
import org.tantra.host.resolve.Result;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tantra embed`: the vectors of texts, pictures, sound and videos.
@Command(
    name = "embed",
    description = {
      "Print the embedding of each item: 768 numbers on a line.",
      "Items of one command are encoded by the same encoder, so that they can be compared."
    },
    mixinStandardHelpOptions = true)
final class EmbedCommand implements Callable<Integer> {
  /// How the host names the item at fault: `input`, or `input[2]`.
  private static final Pattern PLACE = Pattern.compile("input(?:\\[(\\d+)])?");

  private final TantraCli tantra;

  @Parameters(paramLabel = "TEXT", arity = "0..*", description = "Texts.")
  private List<String> texts = List.of();

  @Option(names = "--image", paramLabel = "FILE", description = "A picture; may be repeated.")
  private List<Path> images = List.of();

  @Option(names = "--audio", paramLabel = "FILE", description = "A recording; may be repeated.")
  private List<Path> recordings = List.of();

  @Option(
      names = "--video",
      paramLabel = "FILE",
      description = "A video, or a folder of its frames; may be repeated.")
  private List<Path> videos = List.of();

  @Mixin private final MediaFlags who = new MediaFlags();
  @Mixin private final HostFlags host = new HostFlags();

  EmbedCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    Map<String, Supplier<Media>> items = items();
    if (items.isEmpty()) {
      throw new TantraException(
          ErrorKind.INVALID, "Say what to embed: a text, or --image, --audio or --video FILE.");
    }
    ItemFailures failures = new ItemFailures(tantra, items.size());
    Map<String, Media> readable = readable(items, failures);
    try (Interruption interruption = Interruption.watch();
        Host opened = tantra.open(host)) {
      Optional<Result<List<TensorView>>> result = embed(opened, readable, failures, interruption);
      result.ifPresent(
          encoded -> Receipt.tell(tantra.console(), encoded.served(), "its vectors mean nothing"));
      Map<String, TensorView> vectors = new HashMap<>();
      List<String> names = List.copyOf(readable.keySet());
      for (int i = 0; i < names.size(); i++) {
        vectors.put(names.get(i), result.orElseThrow().value().get(i));
      }
      if (tantra.json()) {
        Map<String, Object> document =
            result.map(encoded -> Receipt.document(encoded.served())).orElseGet(HashMap::new);
        document.put(
            "items",
            items.keySet().stream().map(item -> document(item, vectors, failures)).toList());
        Json.print(tantra.console().out(), document);
      } else {
        // What failed has an empty line, so that lines are counted as items are.
        items.keySet().forEach(item -> tantra.console().out().println(line(vectors.get(item))));
      }
    }
    return failures.exitCode();
  }

  private static Map<String, Media> readable(
      Map<String, Supplier<Media>> items, ItemFailures failures) {
    Map<String, Media> readable = new LinkedHashMap<>();
    items.forEach(
        (item, media) -> {
          try {
            readable.put(item, media.get());
          } catch (TantraException e) {
            failures.add(item, e);
          }
        });
    return readable;
  }

  /// The vectors of all items that can be encoded, by one encoder.
  ///
  /// @param items those at fault are taken out
  /// @return nothing if there is no item left
  private Optional<Result<List<TensorView>>> embed(
      Host opened, Map<String, Media> items, ItemFailures failures, Interruption interruption) {
    while (!items.isEmpty()) {
      try {
        return Optional.of(opened.embed(who.call(List.copyOf(items.values()), interruption)));
      } catch (TantraException e) {
        Matcher place = PLACE.matcher(e.subject() == null ? "" : e.subject());
        if (!place.lookingAt()) {
          throw e;
        }
        int index = place.group(1) == null ? 0 : Integer.parseInt(place.group(1));
        String item = List.copyOf(items.keySet()).get(index);
        failures.add(item, e);
        items.remove(item);
      }
    }
    return Optional.empty();
  }

  /// In the order of kinds, by what the user wrote; the same item twice is one.
  private Map<String, Supplier<Media>> items() {
    Map<String, Supplier<Media>> items = new LinkedHashMap<>();
    texts.forEach(text -> items.put(text, () -> new Media.Text(text)));
    images.forEach(file -> items.put(file.toString(), () -> encoded(Modality.IMAGE, file)));
    recordings.forEach(file -> items.put(file.toString(), () -> encoded(Modality.AUDIO, file)));
    videos.forEach(
        file ->
            items.put(
                file.toString(),
                () ->
                    Files.isDirectory(file)
                        ? new Media.Frames(InputFile.mapAll(file))
                        : encoded(Modality.VIDEO, file)));
    return items;
  }

  private static Media encoded(Modality modality, Path file) {
    return new Media.Encoded(modality, InputFile.map(file));
  }

  private static String line(@Nullable TensorView vector) {
    StringBuilder line = new StringBuilder();
    if (vector != null) {
      for (float value : vector.toFloats()) {
        line.append(line.isEmpty() ? "" : " ").append(value);
      }
    }
    return line.toString();
  }

  private static Map<String, Object> document(
      String item, Map<String, TensorView> vectors, ItemFailures failures) {
    TensorView vector = vectors.get(item);
    return vector == null
        ? failures.document("item", item)
        : Map.of("item", item, "embedding", vector.toFloats());
  }
}
