package org.tantra.host.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.media.SoundEncoder;
import org.tantra.media.SoundFormat;
import org.tantra.media.WavWriter;

/// A file of sound that grows while a voice speaks, so that memory does not. It takes its name once
/// it is whole; what was begun and not finished is removed.
final class SpeechFile implements AutoCloseable {
  private final Path file;
  private final Path growing;
  private final FileChannel channel;
  private final SoundFormat format;
  private final SoundEncoder encoder;
  private final int sampleRateHz;
  private long samples;

  private SpeechFile(
      Path file, Path growing, FileChannel channel, SoundFormat format, int sampleRateHz) {
    this.file = file;
    this.growing = growing;
    this.channel = channel;
    this.format = format;
    this.encoder = format.encoder(sampleRateHz);
    this.sampleRateHz = sampleRateHz;
  }

  /// What a name's ending asks for; WAV if it has none.
  ///
  /// @throws TantraException `UNSUPPORTED` if speech is not written so
  static SoundFormat format(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    String ending = name.substring(dot + 1);
    return dot <= 0
        ? SoundFormat.WAV
        : SoundFormat.of(ending)
            .orElseThrow(
                () ->
                    new TantraException(
                        ErrorKind.UNSUPPORTED,
                        "'%s' would have to be %s; speech is written as WAV, FLAC, Opus or bare samples. Name the file .wav, .flac, .opus or .pcm, and convert it, for example with ffmpeg."
                            .formatted(file, ending)));
  }

  /// @throws TantraException `INVALID` if it cannot be written there
  static SpeechFile create(Path file, SoundFormat format, int sampleRateHz) {
    Path growing =
        file.resolveSibling("." + file.getFileName() + "." + ProcessHandle.current().pid());
    try {
      FileChannel channel =
          FileChannel.open(
              growing,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
      SpeechFile speech = new SpeechFile(file, growing, channel, format, sampleRateHz);
      speech.write(speech.encoder.header());
      return speech;
    } catch (IOException e) {
      throw cannotWrite(file, e);
    }
  }

  /// @param part samples, full scale is ±1
  void append(float[] part) {
    samples += part.length;
    try {
      write(encoder.add(part));
    } catch (IOException e) {
      throw cannotWrite(file, e);
    }
  }

  double seconds() {
    return (double) samples / sampleRateHz;
  }

  /// All is said: the header of a WAV gets the true length, the file its name.
  void finish() {
    try {
      write(encoder.finish());
      if (format == SoundFormat.WAV) {
        channel.write(ByteBuffer.wrap(WavWriter.header16(sampleRateHz, 1, 2 * samples)), 0);
      }
      channel.close();
      Files.move(growing, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw cannotWrite(file, e);
    }
  }

  private void write(byte[] bytes) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    while (rest.hasRemaining()) {
      channel.write(rest);
    }
  }

  private static TantraException cannotWrite(Path file, IOException e) {
    return new TantraException(
        ErrorKind.INVALID, "'" + file + "' cannot be written: " + e.getMessage() + ".", e);
  }

  /// Removes what was not finished.
  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(growing);
    } catch (IOException e) {
      throw cannotWrite(file, e);
    }
  }
}
