package org.tantra.api;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// Something to encode.
public sealed interface Media {
  Modality modality();

  /// A text.
  record Text(String text) implements Media {
    public Text {
      requireNonNull(text, "text");
    }

    @Override
    public Modality modality() {
      return Modality.TEXT;
    }
  }

  /// An encoded file: WAV, PNG, GIF …; told apart by content.
  record Encoded(Modality modality, MemorySegment bytes) implements Media {
    public Encoded {
      requireNonNull(modality, "modality");
      requireNonNull(bytes, "bytes");
    }
  }

  /// Pictures that follow one another, such as a folder of frames in the order of their names;
  /// taken for one frame a second.
  ///
  /// @param pictures encoded files, at least one
  record Frames(List<MemorySegment> pictures) implements Media {
    /// @throws TantraException `INVALID` if there are none
    public Frames {
      pictures = List.copyOf(pictures);
      if (pictures.isEmpty()) {
        throw new TantraException(ErrorKind.INVALID, "The video has no frames.").about("video");
      }
    }

    @Override
    public Modality modality() {
      return Modality.VIDEO;
    }
  }
}
