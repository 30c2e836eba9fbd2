package org.tantra.plugin.espeak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.tantra.media.WavWriter;
import org.tantra.testkit.TestLoadContext;

/// A program with the manners of espeak-ng: a script that lists voices, and speaks by a command of
/// the test's.
final class FakeProgram {
  private static final String TABLE =
      """
      Pty Language       Age/Gender VoiceName          File                 Other Languages
       5  de              --/M      German             gmw/de
       2  en-us           --/M      English_(America)  gmw/en-US            (en 3)
      """;

  private final Path folder;

  FakeProgram(Path folder) {
    this.folder = folder;
  }

  /// @param speaking shell commands; `$0.wav` is a second of speech, `$*` the arguments
  TestLoadContext context(String speaking) {
    Path file = folder.resolve("espeak-ng");
    try {
      Files.write(folder.resolve("espeak-ng.wav"), WavWriter.file16(voice(), 22_050, 1));
      Files.writeString(folder.resolve("table"), TABLE);
      Files.writeString(
          file,
          """
          #!/bin/sh
          here=${0%%/*}
          case $1 in
          --version) echo 'eSpeak NG text-to-speech: 1.51  Data at: /nowhere'; exit ;;
          --voices) cat "$here/table"; exit ;;
          esac
          %s
          """
              .formatted(speaking));
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return TestLoadContext.empty()
        .withSettings(Map.of("model", Map.of("executable", file.toString())));
  }

  private static float[] voice() {
    float[] samples = new float[22_050];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (0.3 * Math.sin(0.05 * i));
    }
    return samples;
  }
}
