package org.tantra.plugin.whisper;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.Transcription;

/// The capability. Safe from several threads; each request has its own windows and caches.
///
/// @param defaults of everything a request does not say
record WhisperTranscription(
    WhisperNetwork network, WindowDecoder decoder, WordAligner aligner, LoopOptions defaults)
    implements Transcription {
  private static final int SHOWN = 60;

  @Override
  public List<String> languages() {
    SpecialTokens specials = decoder.tokenizer().specials();
    return specials.multilingual() ? List.copyOf(specials.languages().keySet()) : List.of("en");
  }

  @Override
  public Running transcribe(Request request) {
    String language = request.language() == null ? null : language(request.language());
    if (request.translate() && !decoder.tokenizer().specials().multilingual()) {
      throw new TantraException(
              ErrorKind.UNSUPPORTED,
              "This checkpoint knows English only and cannot translate. Use a multilingual one.")
          .about("task");
    }
    return new RunningTranscription(this, request, language);
  }

  private String language(String said) {
    String code =
        Languages.code(said)
            .orElseThrow(
                () ->
                    new TantraException(
                            ErrorKind.INVALID,
                            "There is no language '%s'. Give a code such as en, de or yue, or a name in English."
                                .formatted(
                                    said.length() > SHOWN ? said.substring(0, SHOWN) + "…" : said))
                        .about("language"));
    if (!languages().contains(code)) {
      throw new TantraException(
              ErrorKind.UNSUPPORTED,
              "This checkpoint has not learned the language '%s'; it knows %d others."
                  .formatted(code, languages().size()))
          .about("language");
    }
    return code;
  }

  /// The options of a request.
  ///
  /// @param language as asked for or found out
  LoopOptions options(Request request, String language) {
    DecodingOptions decoding = defaults.decoding();
    return new LoopOptions(
        request.temperatures().isEmpty() ? defaults.temperatures() : request.temperatures(),
        defaults.compressionRatioThreshold(),
        defaults.logprobThreshold(),
        defaults.noSpeechThreshold(),
        defaults.conditionOnPrevious(),
        blankAsNull(request.prompt()),
        defaults.carryInitialPrompt(),
        List.of(),
        request.wordTimestamps(),
        defaults.silenceThreshold(),
        decoding
            .withTask(language, request.translate())
            .withSearch(request.beams(), decoding.patience(), decoding.bestOf()));
  }

  private static @Nullable String blankAsNull(@Nullable String prompt) {
    return prompt == null || prompt.isBlank() ? null : prompt;
  }
}
