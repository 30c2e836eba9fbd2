package org.tantra.runtimes;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.tantra.api.Prompt;
import org.tantra.api.TantraException;
import org.tantra.api.TextRecognition;
import org.tantra.host.Host;
import org.tantra.host.InputFile;
import org.tantra.host.resolve.ModelStatus;
import org.tantra.host.resolve.Result;

/// The model [#MODEL] of a host: it continues texts and reads text in images. Safe to use from
/// several threads. Errors are those of [TextRuntime].
public final class TantraRuntime {
  public static final String MODEL = "tantra";

  private final Host host;
  private final TextRuntime text;

  private TantraRuntime(Host host) {
    this.host = host;
    this.text = TextRuntime.of(host, MODEL);
  }

  public static TantraRuntime of(Host host) {
    return new TantraRuntime(host);
  }

  /// Continues a text as the model's configuration says.
  public Completion generateText(String prompt) {
    return text.generate(prompt);
  }

  /// Continues a text.
  public Completion generateText(String prompt, TextOptions options) {
    return text.generate(prompt, options);
  }

  /// Continues a text and hands it on as it comes, as [TextRuntime#stream].
  public Completion streamText(String prompt, TextOptions options, Consumer<String> pieces) {
    return text.stream(new Prompt.Text(prompt), options, pieces);
  }

  /// Reads the text in an image file: PNG, JPEG, GIF, BMP or TIFF, told apart by content.
  ///
  /// @throws TantraException as [Host#recognize], naming the file; `NOT_FOUND` if there is none
  public Result<TextRecognition.Recognition> processOcr(Path image) {
    MemorySegment bytes = InputFile.map(image);
    try {
      return processOcr(new TextRecognition.Image.Encoded(bytes), CallOptions.DEFAULT);
    } catch (TantraException e) {
      throw InputFile.named(image.toString(), e);
    }
  }

  /// Reads the text in the bytes of such a file.
  ///
  /// @param image not to be changed until the answer is there
  public Result<TextRecognition.Recognition> processOcr(byte[] image) {
    return processOcr(
        new TextRecognition.Image.Encoded(MemorySegment.ofArray(image)), CallOptions.DEFAULT);
  }

  /// Reads the text in an image.
  public Result<TextRecognition.Recognition> processOcr(
      TextRecognition.Image image, CallOptions options) {
    return options.run(MODEL, image, host::recognize);
  }

  /// What the host knows of the model, as [TextRuntime#modelInfo()].
  public ModelStatus modelInfo() {
    return text.modelInfo();
  }
}
