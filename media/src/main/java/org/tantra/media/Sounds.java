package org.tantra.media;

import java.lang.foreign.MemorySegment;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Opens files of sound, told apart by content: WAV, FLAC and MP3.
///
/// Not read, and refused by name: Ogg (Vorbis and Opus), AAC (also in MP4), WebM, AIFF, and the
/// compressed kinds of WAV other than mu-law and A-law. There is no decoder of Vorbis in Java alone
/// that is kept, free to embed, and safe with damaged files.
public final class Sounds {
  /// Channels that a file may have: more than any cinema.
  static final int MOST_CHANNELS = 64;

  /// Above every converter on sale.
  static final int HIGHEST_RATE_HZ = 1_000_000;

  private Sounds() {}

  /// Begins to decode. Calling it again with the same bytes starts from the beginning.
  ///
  /// @throws TantraException `INVALID` about `audio` if this is no sound, or a damaged file;
  ///   `UNSUPPORTED` about `audio` if it is sound of a kind that is not read
  public static Sound open(MemorySegment bytes) {
    if (bytes.byteSize() == 0) {
      throw invalid("The audio file is empty. Send a WAV, FLAC or MP3 file.");
    }
    if (FirstBytes.are(bytes, 'R', 'I', 'F', 'F') || FirstBytes.are(bytes, 'R', 'F', '6', '4')) {
      return WavSound.open(bytes);
    }
    if (FlacSound.begins(bytes)) {
      return FlacSound.open(bytes);
    }
    if (Mp3Sound.begins(bytes)) {
      return Mp3Sound.open(bytes);
    }
    refuseKnown(bytes);
    throw invalid(
            "The audio file is none of WAV, FLAC and MP3 (first bytes %s). Convert it, for example with ffmpeg -i FILE -ar 16000 -ac 1 out.wav."
                .formatted(FirstBytes.of(bytes)))
        .withCode("unsupported_media_type");
  }

  private static void refuseKnown(MemorySegment bytes) {
    String kind = null;
    if (FirstBytes.are(bytes, 'O', 'g', 'g', 'S')) {
      kind = "Ogg";
    } else if (FirstBytes.are(bytes, 0x1a, 0x45, 0xdf, 0xa3)) {
      kind = "WebM or Matroska";
    } else if (FirstBytes.are(bytes, 'F', 'O', 'R', 'M')) {
      kind = "AIFF";
    } else if (bytes.byteSize() > 8 && FirstBytes.are(bytes.asSlice(4), 'f', 't', 'y', 'p')) {
      kind = "MP4";
    }
    if (kind != null) {
      throw unsupported(
          "The audio file is %s, which is not read; WAV, FLAC and MP3 are. Convert it, for example with ffmpeg -i FILE -ar 16000 -ac 1 out.wav."
              .formatted(kind));
    }
  }

  /// @throws TantraException `INVALID` if no such sound can be
  static void requirePlausible(long sampleRateHz, long channels) {
    if (sampleRateHz < 1 || sampleRateHz > HIGHEST_RATE_HZ) {
      throw invalid(
          "The audio file claims %d samples a second; 1 to %d are possible."
              .formatted(sampleRateHz, HIGHEST_RATE_HZ));
    }
    if (channels < 1 || channels > MOST_CHANNELS) {
      throw invalid(
          "The audio file claims %d channels; 1 to %d are possible."
              .formatted(channels, MOST_CHANNELS));
    }
  }

  static TantraException invalid(String message) {
    return new TantraException(ErrorKind.INVALID, message).about("audio");
  }

  static TantraException unsupported(String message) {
    return new TantraException(ErrorKind.UNSUPPORTED, message).about("audio");
  }
}
