package org.tantra.plugin.whisper;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.Transcription.Request;
import org.tantra.api.Transcription.Running;
import org.tantra.api.Transcription.Segment;
import org.tantra.nn.audio.LogMelFrames;

/// One request under way: segments come out as soon as their window is decided.
final class RunningTranscription implements Running {
  private static final double FRAMES_PER_SECOND = 100;

  /// Begins what is decided by chance, so that equal requests have equal answers.
  private static final long SEED = 1;

  private final WhisperTranscription model;
  private final Request request;
  private final Deque<Segment> ready = new ArrayDeque<>();
  private String language;
  private double durationSeconds;
  private double doneSeconds;
  private @Nullable RecordingWindows windows;
  private @Nullable WindowLoop loop;
  private volatile boolean cancelled;

  /// @param language asked for; null to find out
  RunningTranscription(WhisperTranscription model, Request request, @Nullable String language) {
    this.model = model;
    this.request = request;
    this.language = language == null ? "" : language;
  }

  @Override
  public Optional<Segment> next() {
    try {
      while (!cancelled) {
        WindowLoop started = loop == null ? start() : loop;
        if (!ready.isEmpty()) {
          return Optional.of(ready.removeFirst());
        }
        if (!started.hasNext()) {
          doneSeconds = durationSeconds;
          release();
          return Optional.empty();
        }
        ready.addAll(started.next());
        doneSeconds = Math.min(durationSeconds, started.position() / FRAMES_PER_SECOND);
      }
    } catch (TantraException e) {
      if (e.kind() != ErrorKind.CANCELLED || !cancelled) {
        throw e;
      }
    }
    return Optional.empty();
  }

  private WindowLoop start() {
    WhisperNetwork network = model.network();
    MelWindows mel = new MelWindows(request.audio(), network.config().mels(), this::isCancelled);
    durationSeconds = (double) mel.samples() / LogMelFrames.SAMPLE_RATE_HZ;
    RecordingWindows opened =
        new RecordingWindows(
            network,
            model.decoder(),
            model.aligner(),
            mel,
            new SplittableRandom(SEED),
            this::isCancelled);
    windows = opened;
    if (language.isEmpty()) {
      // Nothing is said in nothing; the network would find a language all the same.
      language = mel.frames() == 0 ? "en" : likeliest(opened);
    }
    WindowLoop started =
        new WindowLoop(
            opened,
            model.decoder().tokenizer(),
            model.options(request, language),
            network.config().textPositions());
    loop = started;
    return started;
  }

  private static String likeliest(RecordingWindows windows) {
    return windows.languages().entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse("en");
  }

  private boolean isCancelled() {
    return cancelled;
  }

  @Override
  public String language() {
    return language;
  }

  @Override
  public double durationSeconds() {
    return durationSeconds;
  }

  @Override
  public double doneSeconds() {
    return doneSeconds;
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public void close() {
    cancelled = true;
    ready.clear();
    release();
  }

  private void release() {
    if (windows != null) {
      windows.close();
    }
  }
}
