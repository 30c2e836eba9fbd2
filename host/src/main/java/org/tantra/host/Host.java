package org.tantra.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.Media;
import org.tantra.api.ParityCheck;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.TextRecognition;
import org.tantra.api.TextRequest;
import org.tantra.api.Transcription;
import org.tantra.api.tensor.TensorView;
import org.tantra.host.config.Configurations;
import org.tantra.host.config.HostConfig;
import org.tantra.host.registry.PluginStatus;
import org.tantra.host.resolve.Call;
import org.tantra.host.resolve.ModelStatus;
import org.tantra.host.resolve.Result;
import org.tantra.host.resolve.SpeechAnswer;
import org.tantra.host.resolve.TextAnswer;
import org.tantra.host.resolve.TranscriptAnswer;
import org.tantra.host.store.WeightStore;
import org.tantra.host.weights.WeightFiles;

/// A running host: plugins loaded, models answering. Safe to use from several threads.
///
/// ```java
/// try (Host host = Host.open(HostOptions.at(home));
///     TextAnswer answer = host.generate(Call.of("gpt2", request))) {
///   answer.next().ifPresent(piece -> System.out.print(piece.text()));
/// }
/// ```
public interface Host extends AutoCloseable {
  /// The host's own version, as `tantra --version` prints it.
  String VERSION = "1.0.0";

  /// Opens a home folder, loads its plugins, and is ready to answer.
  ///
  /// @throws org.tantra.api.TantraException `INVALID` if `Config/host.yaml` has problems, listing
  ///   all of them
  static Host open(HostOptions options) {
    return RunningHost.open(options);
  }

  /// The checked `Config/host.yaml`.
  HostConfig config();

  /// The home folder.
  Path home();

  /// The models' configurations.
  Configurations configs();

  /// What is wrong with the models' configuration files, by model id; empty if all is well.
  Map<String, String> configProblems();

  /// Every model and encoder the host knows: those of running plugins, and those whose plugin went
  /// away while stand-ins are declared for them.
  List<ModelStatus> models();

  /// The model of that id, or nothing.
  Optional<ModelStatus> model(String id);

  /// Answers a text request: asks the chain's candidates in order, loading as needed, until one has
  /// computed its first piece.
  ///
  /// @throws org.tantra.api.TantraException `NOT_FOUND` (code `model_not_found`) for an unknown
  ///   model; `INVALID` for the caller's own mistakes, which never fall back; `BUSY` while closing;
  ///   `CANCELLED`
  /// @throws org.tantra.host.resolve.UnservedException if every candidate declined
  TextAnswer generate(Call<TextRequest> call);

  /// Writes down what is said in a recording, as [#generate(Call)] answers: the first segment has
  /// been decided.
  TranscriptAnswer transcribe(Call<Transcription.Request> call);

  /// Speaks a text, as [#generate(Call)] answers: the first stretch can be played.
  SpeechAnswer speak(Call<SpeechSynthesis.Request> call);

  /// Reads the text in an image; waits for all of it. Who answers, and what is thrown, is as for
  /// [#generate(Call)].
  Result<TextRecognition.Recognition> recognize(Call<TextRecognition.Image> call);

  /// The embeddings of some items, in their order, all by the same encoder. Who answers, and what
  /// is thrown, is as for [#generate(Call)].
  ///
  /// @return each F32 `[768]`, finite, of unit length
  Result<List<TensorView>> embed(Call<List<Media>> call);

  /// Loads a model now, without stand-ins, and waits for it.
  ///
  /// @throws org.tantra.api.TantraException saying why it cannot be loaded
  ModelStatus load(String id);

  /// Unloads a model once its requests have ended; it loads again on the next request.
  ///
  /// @throws org.tantra.api.TantraException `NOT_FOUND` for an unknown model
  void unload(String id);

  /// Every plugin file in the drop-in folders and what became of it.
  List<PluginStatus> plugins();

  /// Looks at the drop-in folders and the desired state now instead of at the next turn, and waits
  /// until what can be done has been done. A file that was still changing stays as it is.
  void scanPlugins();

  /// What became of plugin copies that were replaced or removed, as far as is known without
  /// collecting garbage.
  PluginFigures pluginFigures();

  /// The same after collecting garbage until every unloaded copy's classes are gone, or the limit
  /// has passed: the proof that nothing of them is left.
  PluginFigures pluginFiguresAfterCollection(Duration limit);

  /// Runs the golden case in a folder through the plugin that checks its family.
  ///
  /// @throws org.tantra.api.TantraException `NOT_FOUND` if there is no such case or no plugin
  ///   checks its family
  List<ParityCheck.Finding> parity(Path folder);

  /// Inspects, converts, compares and scans weight files with the formats of running plugins.
  WeightFiles weights();

  /// The versioned weights of the home folder.
  WeightStore store();

  /// Seconds until readiness is worth asking again, or nothing if the host is ready; with what it
  /// waits for.
  Readiness readiness();

  /// Whether the host can answer.
  ///
  /// @param ready false while required models are not loaded or the host is closing
  /// @param waitingFor what is missing, for people
  record Readiness(boolean ready, List<String> waitingFor) {
    public Readiness {
      waitingFor = List.copyOf(waitingFor);
    }
  }

  /// Refuses new requests, waits a little for the open ones, unloads everything. Calling it again
  /// does nothing.
  @Override
  void close();
}
