package org.tantra.api;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.MemorySegment;

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
}
