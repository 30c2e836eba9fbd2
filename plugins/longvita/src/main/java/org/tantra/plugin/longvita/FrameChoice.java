package org.tantra.plugin.longvita;

import java.util.ArrayList;
import java.util.List;

/// Which frames of a video are looked at.
///
/// @param maximum most frames; with the delimiters of the 16K context 63 fit
/// @param perSecond most frames for each second of video
record FrameChoice(int maximum, double perSecond) {
  /// What leaves room for a question in 16 384 tokens: 63 frames of 258.
  static final FrameChoice CONTEXT_16K = new FrameChoice(63, 1);

  /// Frames of a video file, evenly from the first one on; never the very end of a long one. Frames
  /// of a slow video, shown for longer than others may come, are named several times in a row.
  List<Integer> ofFile(int frames, double framesPerSecond) {
    double step = Math.max(framesPerSecond / perSecond, frames / (maximum + 1.0));
    List<Integer> indices = new ArrayList<>();
    for (int i = 0; i < maximum; i++) {
      int index = (int) (i * step);
      if (index >= frames) {
        break;
      }
      indices.add(index);
    }
    return indices;
  }

  /// Frames of a folder, which is taken for one frame a second; what the stride leaves over at the
  /// end is dropped. There are never more than one a second: where the reference is asked for more
  /// it names the first frame over and over.
  List<Integer> ofFolder(int files) {
    int wanted = (int) Math.min(maximum, Math.max(1, files * perSecond));
    int stride = Math.max(1, files / Math.max(1, wanted));
    List<Integer> indices = new ArrayList<>();
    for (int i = 0; i < files && indices.size() < wanted; i += stride) {
      indices.add(i);
    }
    return indices;
  }
}
