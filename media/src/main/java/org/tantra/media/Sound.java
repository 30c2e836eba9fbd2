package org.tantra.media;

import org.tantra.api.TantraException;

/// Sound being decoded from its beginning: samples come out a block at a time, so that memory does
/// not grow with its length. Used by one thread; holds nothing that must be closed.
public interface Sound {
  /// Frames a second, 1 or more. A frame is one sample of each channel.
  int sampleRateHz();

  /// 1 or more, in the order of the file.
  int channels();

  /// What the file is, for people: `WAV, 16-bit`.
  String encoding();

  /// Decodes the next frames.
  ///
  /// @param interleaved `[frames, channels]`, overwritten from its beginning; full scale is ±1
  /// @param frames most frames to decode
  /// @return how many were decoded; 0 at the end
  /// @throws TantraException `INVALID` about `audio` if the file turns out to be damaged
  int read(float[] interleaved, int frames);
}
