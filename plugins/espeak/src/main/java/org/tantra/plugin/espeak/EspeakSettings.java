package org.tantra.plugin.espeak;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// What `Config/espeak.yaml` says in its section `model`.
///
/// @param executable name of the program in one of the folders of PATH, or a path to it
/// @param voice the voice of requests that name none
/// @param limit how long a sentence may take
record EspeakSettings(String executable, String voice, Duration limit) {
  private static final double LONGEST_LIMIT_SECONDS = 600;

  /// @throws TantraException `INVALID` if a value is out of range
  static EspeakSettings of(Settings model) {
    double seconds = model.number("timeout_seconds", 20);
    if (!(seconds > 0 && seconds <= LONGEST_LIMIT_SECONDS)) {
      throw new TantraException(
          ErrorKind.INVALID,
          "%s: model.timeout_seconds is %s; above 0 to %s are possible."
              .formatted(model.origin(), seconds, LONGEST_LIMIT_SECONDS));
    }
    return new EspeakSettings(
        model.text("executable", "espeak-ng"),
        model.text("voice", "en-us"),
        Duration.ofMillis(Math.max(1, Math.round(1000 * seconds))));
  }

  /// Where the program is.
  ///
  /// @throws TantraException `UNSUPPORTED` if it is not installed
  Path find() {
    boolean path = executable.contains("/") || executable.contains(File.separator);
    String folders = System.getenv().getOrDefault("PATH", "");
    for (String folder :
        path ? new String[] {""} : folders.split(Pattern.quote(File.pathSeparator), -1)) {
      for (String ending : new String[] {"", ".exe"}) {
        try {
          Path file = Path.of(folder).resolve(executable + ending);
          if (Files.isRegularFile(file) && Files.isExecutable(file)) {
            return file.toAbsolutePath();
          }
        } catch (InvalidPathException _) {
          // A folder of PATH that cannot be one; the next may have it.
        }
      }
    }
    throw new TantraException(
        ErrorKind.UNSUPPORTED,
        "'%s' is not installed: it is %s. Install espeak-ng (on Debian: apt install espeak-ng), or set model.executable in Config/espeak.yaml."
            .formatted(executable, path ? "no program" : "in no folder of PATH"));
  }
}
