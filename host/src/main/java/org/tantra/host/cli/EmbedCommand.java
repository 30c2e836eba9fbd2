package org.tantra.host.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    Map<String, Media> items = items();
    if (items.isEmpty()) {
      throw new TantraException(
          ErrorKind.INVALID, "Say what to embed: a text, or --image, --audio or --video FILE.");
    }
    try (Interruption interruption = Interruption.watch();
        Host opened = tantra.open(host)) {
      Result<List<TensorView>> result = embed(opened, items, interruption);
      Receipt.tell(tantra.console(), result.served(), "its vectors mean nothing");
      if (tantra.json()) {
        Json.print(tantra.console().out(), document(List.copyOf(items.keySet()), result));
      } else {
        result.value().forEach(vector -> tantra.console().out().println(line(vector)));
      }
    }
    return ExitCode.OK;
  }

  private Result<List<TensorView>> embed(
      Host opened, Map<String, Media> items, Interruption interruption) {
    try {
      return opened.embed(who.call(List.copyOf(items.values()), interruption));
    } catch (TantraException e) {
      Matcher place = PLACE.matcher(e.subject() == null ? "" : e.subject());
      if (!place.lookingAt()) {
        throw e;
      }
      int index = place.group(1) == null ? 0 : Integer.parseInt(place.group(1));
      throw InputFile.named(List.copyOf(items.keySet()).get(index), e);
    }
  }

  /// In the order of kinds, by what the user wrote; the same item twice is one.
  private Map<String, Media> items() {
    Map<String, Media> items = new LinkedHashMap<>();
    texts.forEach(text -> items.put(text, new Media.Text(text)));
    images.forEach(file -> items.put(file.toString(), encoded(Modality.IMAGE, file)));
    recordings.forEach(file -> items.put(file.toString(), encoded(Modality.AUDIO, file)));
    videos.forEach(
        file ->
            items.put(
                file.toString(),
                Files.isDirectory(file)
                    ? new Media.Frames(InputFile.mapAll(file))
                    : encoded(Modality.VIDEO, file)));
    return items;
  }

  private static Media encoded(Modality modality, Path file) {
    return new Media.Encoded(modality, InputFile.map(file));
  }

  private static String line(TensorView vector) {
    StringBuilder line = new StringBuilder();
    for (float value : vector.toFloats()) {
      line.append(line.isEmpty() ? "" : " ").append(value);
    }
    return line.toString();
  }

  private static Map<String, Object> document(List<String> names, Result<List<TensorView>> result) {
    Map<String, Object> document = Receipt.document(result.served());
    List<Map<String, Object>> items = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      items.add(Map.of("item", names.get(i), "embedding", result.value().get(i).toFloats()));
    }
    document.put("items", items);
    return document;
  }
}
