package org.tantra.plugin.whisper;

import java.lang.foreign.Arena;
import java.util.Optional;
import org.tantra.api.Capability;
import org.tantra.api.Checkpoint;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.TantraException;
import org.tantra.api.Transcription;
import org.tantra.nn.ConfigFile;

/// A network that transcribes.
record LoadedWhisper(
    WhisperTranscription transcription, Arena copies, long residentBytes, String fingerprint)
    implements LoadedModel {
  /// Below this there is no room for an opening, some text before it and some after.
  private static final int LEAST_CONTEXT = 16;

  static LoadedWhisper load(LoadContext context) {
    context.progress().stage("mapping weights");
    Checkpoint checkpoint = context.checkpoint();
    LoopOptions defaults = LoopSettings.of(context.settings().section("model"), latest(checkpoint));
    Arena copies = Arena.ofShared();
    try {
      WhisperNetwork network = WhisperNetwork.of(checkpoint, context.compute(), copies);
      context.cancellation().check();
      requireWhole(network.config());
      WhisperTokenizer tokenizer = VocabularyFiles.read(checkpoint, network.config());
      WordAligner aligner =
          new WordAligner(
              network.text(), tokenizer, AlignmentHeads.of(checkpoint, network.config()));
      return new LoadedWhisper(
          new WhisperTranscription(
              network, new WindowDecoder(network.text(), tokenizer), aligner, defaults),
          copies,
          network.bytes(),
          checkpoint.version());
    } catch (Throwable e) {
      copies.close();
      throw e;
    }
  }

  /// Windows are 30 s for everybody; only golden cases have others.
  private static void requireWhole(WhisperConfig config) {
    if (config.frames() != WindowLoop.WINDOW) {
      throw ConfigFile.unsupported(
          "asks for windows of %d frames; transcripts are made of windows of %d."
              .formatted(config.frames(), WindowLoop.WINDOW));
    }
    if (config.textPositions() < LEAST_CONTEXT) {
      throw ConfigFile.unsupported(
          "asks for a context of %d tokens; %d are the least."
              .formatted(config.textPositions(), LEAST_CONTEXT));
    }
  }

  private static int latest(Checkpoint checkpoint) {
    int latest =
        checkpoint
            .json("generation_config.json")
            .map(json -> json.integer("max_initial_timestamp_index", DecodingOptions.LATEST_START))
            .orElse(DecodingOptions.LATEST_START);
    if (latest < 0) {
      throw new TantraException(
          ErrorKind.CORRUPT,
          "generation_config.json: max_initial_timestamp_index is " + latest + ".");
    }
    return latest;
  }

  @Override
  public <T extends Capability> Optional<T> as(Class<T> capability) {
    return capability == Transcription.class
        ? Optional.of(capability.cast(transcription))
        : Optional.empty();
  }

  @Override
  public void close() {
    if (copies.scope().isAlive()) {
      copies.close();
    }
  }
}
