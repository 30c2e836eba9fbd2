package org.tantra.host.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.tantra.api.TantraException;
import org.tantra.api.TextRecognition.Box;
import org.tantra.api.TextRecognition.Image;
import org.tantra.api.TextRecognition.Line;
import org.tantra.api.TextRecognition.Recognition;
import org.tantra.host.Host;
import org.tantra.host.InputFile;
import org.tantra.host.resolve.Result;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `tantra ocr`: reads the text in images.
@Command(
    name = "ocr",
    description = "Read the text in images, line by line.",
    mixinStandardHelpOptions = true)
final class OcrCommand implements Callable<Integer> {
  private final TantraCli tantra;

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Images: PNG, JPEG, GIF, BMP, TIFF; told apart by content.")
  private List<Path> files = List.of();

  @Mixin private final MediaFlags who = new MediaFlags();
  @Mixin private final HostFlags host = new HostFlags();

  OcrCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    List<Map<String, Object>> documents = new ArrayList<>();
    ItemFailures failures = new ItemFailures(tantra, files.size());
    try (Interruption interruption = Interruption.watch();
        Host opened = tantra.open(host)) {
      for (Path file : files) {
        try {
          documents.add(read(opened, file, interruption));
        } catch (TantraException e) {
          failures.add(file.toString(), e);
          documents.add(failures.document("file", file.toString()));
        }
      }
      if (tantra.json()) {
        Json.print(tantra.console().out(), Map.of("files", documents));
      }
    }
    return failures.exitCode();
  }

  private Map<String, Object> read(Host opened, Path file, Interruption interruption) {
    Result<Recognition> result =
        opened.recognize(who.call(new Image.Encoded(InputFile.map(file)), interruption));
    Receipt.tell(tantra.console(), result.served(), "its words mean nothing");
    if (!tantra.json()) {
      if (files.size() > 1) {
        tantra.console().out().println("== " + file + " ==");
      }
      tantra.console().out().println(result.value().text());
    }
    return document(file, result);
  }

  private static Map<String, Object> document(Path file, Result<Recognition> result) {
    Map<String, Object> document = Receipt.document(result.served());
    document.put("file", file.toString());
    document.put("text", result.value().text());
    document.put("lines", result.value().lines().stream().map(OcrCommand::document).toList());
    return document;
  }

  /// Boxes are shares of the image's width and height.
  private static Map<String, Object> document(Line line) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("text", line.text());
    document.put("confidence", line.confidence());
    Box box = line.box();
    document.put("box", List.of(box.left(), box.top(), box.right(), box.bottom()));
    return document;
  }
}
