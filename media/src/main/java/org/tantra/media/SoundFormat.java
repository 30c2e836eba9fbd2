package org.tantra.media;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// Kinds of files that speech is written as.
///
/// WAV and FLAC keep 16-bit samples; FLAC is coded here, Opus by Concentus. MP3 and AAC are not
/// written: their only encoders in Java are LAME's translations, under the LGPL and left alone for
/// years, and none.
public enum SoundFormat {
  /// RIFF WAVE of 16-bit samples.
  WAV("audio/wav"),

  /// Bare 16-bit samples, little-endian.
  PCM("audio/pcm"),

  /// 16-bit samples without loss.
  FLAC("audio/flac"),

  /// Opus in Ogg, at 48 000 samples a second.
  OPUS("audio/ogg; codecs=opus");

  private final String mediaType;

  SoundFormat(String mediaType) {
    this.mediaType = mediaType;
  }

  /// For HTTP; that of bare samples lacks their rate.
  public String mediaType() {
    return mediaType;
  }

  /// `wav`, `pcm`, `flac` or `opus`.
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The format of that id, or the one whose files end so: `ogg` is Opus as well.
  public static Optional<SoundFormat> of(String id) {
    String lower = id.toLowerCase(Locale.ROOT);
    return lower.equals("ogg")
        ? Optional.of(OPUS)
        : Arrays.stream(values()).filter(format -> format.id().equals(lower)).findFirst();
  }

  /// Begins a file.
  ///
  /// @param sampleRateHz of the samples that will come
  public SoundEncoder encoder(int sampleRateHz) {
    return switch (this) {
      case WAV -> new PlainEncoder(WavWriter.streamHeader16(sampleRateHz, 1));
      case PCM -> new PlainEncoder(new byte[0]);
      case FLAC -> new FlacEncoder(sampleRateHz);
      case OPUS -> new OpusFileEncoder(sampleRateHz);
    };
  }

  /// Samples behind a header that is known beforehand.
  private static final class PlainEncoder implements SoundEncoder {
    private final byte[] header;

    PlainEncoder(byte[] header) {
      this.header = header;
    }

    @Override
    public byte[] header() {
      return header.clone();
    }

    @Override
    public byte[] add(float[] mono) {
      return WavWriter.pcm16(mono);
    }

    @Override
    public byte[] finish() {
      return new byte[0];
    }
  }
}
