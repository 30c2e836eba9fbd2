package org.tantra.nn.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// The `decoder` of a `tokenizer.json`, token by token: which bytes a token's spelling stands for.
///
/// A text's bytes are those of its tokens one behind the other, with one difference to the library:
/// what that drops from the ends of a whole text, such as the blank before the first word, stays,
/// because a continuation begins anywhere.
final class TokenDecoder {
  private static final Pattern BYTE = Pattern.compile("<0x([0-9A-Fa-f]{2})>");
  private static final String WORD_START = "\u2581";
  private static final int MAXIMUM_NESTING = 4;

  /// Blanks before punctuation and contractions, which WordPiece's clean-up drops, in its order.
  private static final List<String> TIDIED =
      List.of(" .", " ?", " !", " ,", " ' ", " n't", " 'm", " do not", " 's", " 've", " 're");

  private final List<UnaryOperator<String>> steps = new ArrayList<>();
  private boolean spelledBytes;
  private boolean byteTokens;
  private boolean fused;

  private TokenDecoder() {}

  /// @param file a whole `tokenizer.json`
  /// @throws TantraException `UNSUPPORTED` if there is a decoder that is not known
  static TokenDecoder of(Settings file) {
    TokenDecoder decoder = new TokenDecoder();
    Settings top = file.section("decoder");
    if (top.keys().isEmpty()) {
      decoder.steps.add(token -> " " + token); // the library joins with blanks
    } else {
      decoder.add(top, 0);
    }
    return decoder;
  }

  private void add(Settings decoder, int depth) {
    String type = decoder.text("type");
    switch (type) {
      case "Sequence" -> {
        if (depth == MAXIMUM_NESTING) {
          throw new TantraException(
              ErrorKind.CORRUPT, decoder.origin() + ": 'decoder' is nested too deep.");
        }
        for (Object item : decoder.list("decoders")) {
          add(section(decoder, item), depth + 1);
        }
      }
      case "ByteLevel" -> spelledBytes = true;
      case "ByteFallback" -> byteTokens = true;
      case "Fuse" -> fused = true;
      case "Metaspace" -> {
        String mark = decoder.text("replacement", WORD_START);
        steps.add(token -> token.replace(mark, " "));
      }
      case "Replace" -> {
        String from = decoder.section("pattern").text("String", "");
        if (from.isEmpty()) {
          throw unknown(decoder, "Replace of a regular expression");
        }
        String to = decoder.text("content", "");
        steps.add(token -> token.replace(from, to));
      }
      case "Strip" -> {
        if (!fused) {
          steps.add(
              strip(
                  decoder.text("content", " "),
                  decoder.integer("start", 0),
                  decoder.integer("stop", 0)));
        }
      }
      case "WordPiece" -> {
        String inside = decoder.text("prefix", "##");
        steps.add(
            token -> token.startsWith(inside) ? token.substring(inside.length()) : " " + token);
        if (decoder.flag("cleanup", true)) {
          steps.add(TokenDecoder::tidied);
        }
      }
      case "BPEDecoder" -> {
        String end = decoder.text("suffix", "</w>");
        steps.add(token -> end.isEmpty() ? token : token.replace(end, " "));
      }
      default -> throw unknown(decoder, type);
    }
  }

  private static Settings section(Settings parent, Object item) {
    if (item instanceof Map<?, ?> map) {
      return Settings.of(parent.origin(), Map.of("decoder", map)).section("decoder");
    }
    throw new TantraException(
        ErrorKind.CORRUPT, parent.origin() + ": 'decoders' holds something else than objects.");
  }

  private static TantraException unknown(Settings decoder, String type) {
    return new TantraException(
        ErrorKind.UNSUPPORTED,
        "%s asks for the decoder '%s', which is not known here.".formatted(decoder.origin(), type));
  }

  private static UnaryOperator<String> strip(String content, int start, int stop) {
    return token -> {
      String stripped = token;
      for (int i = 0; i < start && !content.isEmpty() && stripped.startsWith(content); i++) {
        stripped = stripped.substring(content.length());
      }
      for (int i = 0; i < stop && !content.isEmpty() && stripped.endsWith(content); i++) {
        stripped = stripped.substring(0, stripped.length() - content.length());
      }
      return stripped;
    };
  }

  private static String tidied(String token) {
    String tidied = token;
    for (String blank : TIDIED) {
      String without =
          blank.equals(" ' ") ? "'" : blank.equals(" do not") ? " don't" : blank.strip();
      tidied = tidied.replace(blank, without);
    }
    return tidied;
  }

  /// The bytes of a token that is no special one.
  byte[] bytes(String token) {
    if (byteTokens) {
      var match = BYTE.matcher(token);
      if (match.matches()) {
        return HexFormat.of().parseHex(match.group(1));
      }
    }
    String text = token;
    for (UnaryOperator<String> step : steps) {
      text = step.apply(text);
    }
    Optional<byte[]> spelled = spelledBytes ? ByteAlphabet.bytes(text) : Optional.empty();
    return spelled.orElse(text.getBytes(UTF_8));
  }
}
