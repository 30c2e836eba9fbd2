package org.tantra.plugin.whisper;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.tantra.api.Cancellation;
import org.tantra.media.Sounds;
import org.tantra.nn.audio.LogMelFrames;

/// The log-mel frames of a recording, a window at a time.
///
/// Values depend on the loudest frame of the whole, so the recording is decoded twice: once to find
/// that frame and the length, once for the windows as they are asked for. Memory does not grow with
/// the recording. Used by one thread.
final class MelWindows {
  /// Seconds of silence behind a recording.
  private static final int SILENCE = 30;

  private final MemorySegment audio;
  private final int mels;
  private final long samples;
  private final float loudest;
  private final Cancellation cancellation;
  private final Deque<float[]> held = new ArrayDeque<>();

  /// Which frame `held` begins with.
  private long first;

  private MonoSound sound;
  private LogMelFrames stream;

  /// Seconds of silence that `stream` has heard.
  private int silence;

  /// Listens to the whole recording once.
  ///
  /// @param audio an encoded file
  /// @throws org.tantra.api.TantraException `INVALID` or `UNSUPPORTED` if it cannot be decoded
  MelWindows(MemorySegment audio, int mels, Cancellation cancellation) {
    this.audio = audio;
    this.mels = mels;
    this.cancellation = cancellation;
    MonoSound all = new MonoSound(Sounds.open(audio));
    float[] largest = {LogMelFrames.FLOOR};
    LogMelFrames frames =
        new LogMelFrames(
            mels,
            frame -> {
              for (float value : frame) {
                largest[0] = Math.max(largest[0], value);
              }
            });
    long count = 0;
    while (!all.ended()) {
      cancellation.check();
      float[] more = all.next();
      frames.add(more, 0, more.length);
      count += more.length;
    }
    frames.addSilence(LogMelFrames.SAMPLE_RATE_HZ);
    this.samples = count;
    this.loudest = largest[0];
    this.sound = new MonoSound(Sounds.open(audio));
    this.stream = new LogMelFrames(mels, held::add);
  }

  /// Samples at 16 kHz.
  long samples() {
    return samples;
  }

  /// Frames of the recording; 3000 of silence follow.
  long frames() {
    return samples / LogMelFrames.HOP_SAMPLES;
  }

  /// Normalised frames.
  ///
  /// @param from earlier than in the call before only at the price of decoding from the beginning
  /// @param count frames of the recording, or of the silence behind it
  /// @param length frames of the result; zeros fill it
  /// @return `[length, mels]`
  float[] window(long from, int count, int length) {
    if (from < first) {
      held.clear();
      first = 0;
      sound = new MonoSound(Sounds.open(audio));
      stream = new LogMelFrames(mels, held::add);
      silence = 0;
    }
    while (first + held.size() < from + count && silence < SILENCE) {
      cancellation.check();
      if (sound.ended()) {
        stream.addSilence(LogMelFrames.SAMPLE_RATE_HZ);
        silence++;
      } else {
        float[] next = sound.next();
        stream.add(next, 0, next.length);
      }
      forget(from);
    }
    forget(from);
    float[] window = new float[length * mels];
    Iterator<float[]> frames = held.iterator();
    for (int t = 0; t < count && frames.hasNext(); t++) {
      float[] frame = frames.next();
      for (int i = 0; i < mels; i++) {
        window[t * mels + i] = LogMelFrames.normalise(frame[i], loudest);
      }
    }
    return window;
  }

  private void forget(long before) {
    while (first < before && !held.isEmpty()) {
      held.removeFirst();
      first++;
    }
  }
}
