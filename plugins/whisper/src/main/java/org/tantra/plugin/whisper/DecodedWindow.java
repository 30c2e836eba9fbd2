package org.tantra.plugin.whisper;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.zip.Deflater;

/// What became of one window.
///
/// @param tokens timestamps included, the end of text not
/// @param text stripped
/// @param averageLogprob of the tokens and the end of text
/// @param noSpeechProbability before anything was decoded
record DecodedWindow(
    List<Integer> tokens,
    String text,
    double averageLogprob,
    double noSpeechProbability,
    double temperature,
    double compressionRatio) {
  DecodedWindow {
    tokens = List.copyOf(tokens);
  }

  /// Bytes of a text by those after compression: high when it repeats itself.
  static double compressionRatio(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    try (Deflater deflater = new Deflater()) {
      deflater.setInput(bytes);
      deflater.finish();
      byte[] out = new byte[bytes.length + 64];
      int length = 0;
      while (!deflater.finished()) {
        length += deflater.deflate(out);
      }
      return (double) bytes.length / length;
    }
  }
}
