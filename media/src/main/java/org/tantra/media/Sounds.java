package org.tantra.media;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;

/// Opens files of sound, told apart by content: WAV, FLAC, MP3, and Opus in Ogg.
///
/// Not read, and refused by name: Vorbis, AAC (also in MP4), WebM, AIFF, and the compressed kinds
/// of WAV other than mu-law and A-law. There is no decoder of Vorbis in Java alone that is kept,
/// free to embed, and safe with damaged files: JOrbis is under the LGPL and ended in 2010, J-Ogg
/// allocates what code books claim.
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
      throw invalid("The audio file is empty. Send a WAV, FLAC, MP3 or Opus file.");
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
    if (FirstBytes.are(bytes, 'O', 'g', 'g', 'S')) {
      return ogg(bytes);
    }
    refuseKnown(bytes);
    throw invalid(
            "The audio file is none of WAV, FLAC, MP3 and Opus (first bytes %s). Convert it, for example with ffmpeg -i FILE -ar 16000 -ac 1 out.wav."
                .formatted(FirstBytes.of(bytes)))
        .withCode("unsupported_media_type");
  }

  private static Sound ogg(MemorySegment bytes) {
    byte @Nullable [] head = new OggPackets(bytes).next();
    if (head == null) {
      throw invalid("The Ogg file is cut short before its first packet.");
    }
    if (OpusSound.begins(head)) {
      return OpusSound.open(bytes);
    }
    String first = new String(head, StandardCharsets.ISO_8859_1);
    throw notRead(
        first.startsWith("\1vorbis") ? "Vorbis in Ogg" : "Ogg with something else than Opus in it");
  }

  private static void refuseKnown(MemorySegment bytes) {
    String kind = null;
    if (FirstBytes.are(bytes, 0x1a, 0x45, 0xdf, 0xa3)) {
      kind = "WebM or Matroska";
    } else if (FirstBytes.are(bytes, 'F', 'O', 'R', 'M')) {
      kind = "AIFF";
    } else if (bytes.byteSize() > 8 && FirstBytes.are(bytes.asSlice(4), 'f', 't', 'y', 'p')) {
      kind = "MP4";
    }
    if (kind != null) {
      throw notRead(kind);
    }
  }

  private static TantraException notRead(String kind) {
    return unsupported(
        "The audio file is %s, which is not read; WAV, FLAC, MP3 and Opus are. Convert it, for example with ffmpeg -i FILE -ar 16000 -ac 1 out.wav."
            .formatted(kind));
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
