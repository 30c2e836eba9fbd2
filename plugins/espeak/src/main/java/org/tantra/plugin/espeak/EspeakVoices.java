package org.tantra.plugin.espeak;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.ErrorKind;
import org.tantra.api.SpeechSynthesis.Voice;
import org.tantra.api.TantraException;

/// Reads what `espeak-ng --voices` prints: lines of priority, language, age and gender, name, file.
/// A voice's id is its language, by which the program knows it.
final class EspeakVoices {
  private static final int COLUMNS = 5;

  private EspeakVoices() {}

  /// All voices, the default first.
  ///
  /// @param wanted language of the default; if there is none such, the first of the list is it
  /// @throws TantraException `UNSUPPORTED` if no line is a voice
  static List<Voice> of(String table, String wanted) {
    List<Voice> voices = new ArrayList<>();
    for (String line : table.lines().skip(1).toList()) {
      String[] columns = line.strip().split("\\s+", COLUMNS + 1);
      if (columns.length >= COLUMNS && columns[1].matches("[a-zA-Z0-9-]{2,32}")) {
        String title = columns[3].replace('_', ' ') + ", espeak-ng";
        Voice voice = new Voice(columns[1], title, columns[1]);
        if (columns[1].equals(wanted)) {
          voices.addFirst(voice);
        } else {
          voices.add(voice);
        }
      }
    }
    if (voices.isEmpty()) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "'espeak-ng --voices' lists no voices. Reinstall espeak-ng with its data.");
    }
    return voices;
  }
}
