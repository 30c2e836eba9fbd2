package org.tantra.host.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.media.WavWriter;

/// A WAVE file that grows while a voice speaks, so that memory does not. It takes its name once it
/// is whole; what was begun and not finished is removed.
final class SpeechFile implements AutoCloseable {
  private final Path file;
  private final Path growing;
  private final FileChannel channel;
  private final int sampleRateHz;
  private long samples;

  private SpeechFile(Path file, Path growing, FileChannel channel, int sampleRateHz) {
    this.file = file;
    this.growing = growing;
    this.channel = channel;
    this.sampleRateHz = sampleRateHz;
  }

  /// Refuses a name whose ending promises something else than WAVE.
  ///
  /// @throws TantraException `UNSUPPORTED`
  static void requireWav(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    int dot = name.lastIndexOf('.');
    if (dot > 0 && !name.endsWith(".wav")) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "'%s' would have to be %s; speech is written as WAV only. Name the file .wav and convert it, for example with ffmpeg."
              .formatted(file, name.substring(dot + 1)));
    }
  }

  /// @throws TantraException `INVALID` if it cannot be written there
  static SpeechFile create(Path file, int sampleRateHz) {
    Path growing =
        file.resolveSibling("." + file.getFileName() + "." + ProcessHandle.current().pid());
    try {
      FileChannel channel =
          FileChannel.open(
              growing,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
      SpeechFile speech = new SpeechFile(file, growing, channel, sampleRateHz);
      speech.write(WavWriter.streamHeader16(sampleRateHz, 1));
      return speech;
    } catch (IOException e) {
      throw cannotWrite(file, e);
    }
  }

  /// @param part samples, full scale is ±1
  void append(float[] part) {
    samples += part.length;
    try {
      write(WavWriter.pcm16(part));
    } catch (IOException e) {
      throw cannotWrite(file, e);
    }
  }

  double seconds() {
    return (double) samples / sampleRateHz;
  }

  /// All is said: the header gets the true length, the file its name.
  void finish() {
    try {
      channel.write(ByteBuffer.wrap(WavWriter.header16(sampleRateHz, 1, 2 * samples)), 0);
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
