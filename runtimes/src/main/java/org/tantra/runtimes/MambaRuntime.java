package org.tantra.runtimes;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.tantra.api.Modality;
import org.tantra.api.Prompt;
import org.tantra.host.Host;
import org.tantra.host.InputFile;
import org.tantra.host.resolve.ModelStatus;

/// The Mamba models of a host: [#TEXT_MODEL] continues texts, [#MULTIMODAL_MODEL] also looks at
/// pictures and listens to recordings. Safe to use from several threads. Errors are those of
/// [TextRuntime].
public final class MambaRuntime {
  /// The language model.
  public static final String TEXT_MODEL = "mamba";

  /// The mixture of experts that takes media.
  public static final String MULTIMODAL_MODEL = "mamba_multimodal";

  private final TextRuntime text;
  private final TextRuntime multimodal;

  private MambaRuntime(Host host) {
    this.text = TextRuntime.of(host, TEXT_MODEL);
    this.multimodal = TextRuntime.of(host, MULTIMODAL_MODEL);
  }

  public static MambaRuntime of(Host host) {
    return new MambaRuntime(host);
  }

  /// A picture for [#generate(String, List, TextOptions)]: PNG, JPEG, GIF, BMP or TIFF, told apart
  /// by content.
  ///
  /// @throws org.tantra.api.TantraException `NOT_FOUND` or `INVALID` if the file cannot be read
  public static Prompt.MediaPart picture(Path file) {
    return new Prompt.MediaPart(Modality.IMAGE, InputFile.map(file));
  }

  /// A recording for [#generate(String, List, TextOptions)]: WAV, FLAC, MP3 or Opus.
  ///
  /// @throws org.tantra.api.TantraException `NOT_FOUND` or `INVALID` if the file cannot be read
  public static Prompt.MediaPart recording(Path file) {
    return new Prompt.MediaPart(Modality.AUDIO, InputFile.map(file));
  }

  /// Continues a text as the model's configuration says.
  public Completion generate(String prompt) {
    return text.generate(prompt);
  }

  /// Continues a text.
  public Completion generate(String prompt, TextOptions options) {
    return text.generate(prompt, options);
  }

  /// Answers a text about some media, with the multimodal model.
  ///
  /// @param media looked at before the text
  public Completion generate(String prompt, List<Prompt.MediaPart> media, TextOptions options) {
    List<Prompt.Part> parts = new ArrayList<>(media);
    parts.add(new Prompt.TextPart(prompt));
    return multimodal.chat(List.of(new Prompt.Message(Prompt.Role.USER, parts)), options);
  }

  /// Continues a text and hands it on as it comes, as [TextRuntime#stream].
  public Completion stream(String prompt, TextOptions options, Consumer<String> pieces) {
    return text.stream(new Prompt.Text(prompt), options, pieces);
  }

  /// The language model, as [TextRuntime#modelInfo()].
  public ModelStatus modelInfo() {
    return text.modelInfo();
  }

  /// The multimodal model, as [TextRuntime#modelInfo()].
  public ModelStatus multimodalInfo() {
    return multimodal.modelInfo();
  }
}
