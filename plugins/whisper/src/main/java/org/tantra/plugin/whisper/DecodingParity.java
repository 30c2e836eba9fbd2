package org.tantra.plugin.whisper;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.nn.parity.Comparison;

/// Compares the network in the original layout, and whole decoded windows: suppression, timestamps,
/// prompts, language detection, beams.
public final class DecodingParity implements ParityCheck {
  @Override
  public Set<String> families() {
    return Set.of("whisper-openai");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    Settings expected = golden.expected();
    Settings tolerance = expected.section("tolerance");
    Comparison comparison = new Comparison(golden, tolerance.number("max_abs"), 0);
    Comparison logprobs = new Comparison(golden, tolerance.number("avg_logprob_abs"), 0);
    Comparison probabilities = new Comparison(golden, tolerance.number("prob_abs"), 0);
    try (Arena copies = Arena.ofShared()) {
      WhisperNetwork network = WhisperNetwork.of(golden.checkpoint(), golden.compute(), copies);
      WhisperTokenizer tokenizer =
          new WhisperTokenizer(new ByteTokens(), SpecialTokens.of(expected.section("special_ids")));
      comparison.checkExactly(
          "non-speech tokens",
          tokenizer.notSpoken().stream().mapToInt(i -> i).toArray(),
          Entries.ints(expected, "non_speech_tokens"));
      float[] audio = NetworkParity.encoder(comparison, network, "in.mel");
      WindowDecoder decoder = new WindowDecoder(network.text(), tokenizer);
      try (CrossCache cross = network.text().cross(audio)) {
        NetworkParity.teacherForced(comparison, network, cross, "in.tokens");
        Map<String, Double> languages = decoder.languages(cross, Cancellation.NEVER);
        Settings detected = expected.section("detect_language").section("probs");
        for (String code : detected.keys()) {
          probabilities.checkNumber(
              "language " + code, languages.getOrDefault(code, -1.0), detected.number(code));
        }
        for (Settings entry : Entries.of(expected, "decode")) {
          decode(decoder, cross, entry, likeliest(languages), comparison, logprobs, probabilities);
        }
      }
    }
    List<Finding> findings = new ArrayList<>(comparison.findings());
    findings.addAll(logprobs.findings());
    findings.addAll(probabilities.findings());
    return findings;
  }

  static String likeliest(Map<String, Double> languages) {
    return languages.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse("en");
  }

  private static void decode(
      WindowDecoder decoder,
      CrossCache cross,
      Settings entry,
      String detected,
      Comparison comparison,
      Comparison logprobs,
      Comparison probabilities) {
    String name = entry.text("name") + ": ";
    DecodingOptions options = options(entry, detected);
    WindowDecoder.Opening opening = decoder.opening(options);
    comparison.checkExactly(
        name + "opening",
        opening.tokens().stream().mapToInt(i -> i).toArray(),
        Entries.ints(entry, "initial_tokens"));
    comparison.checkExactly(
        name + "suppressed",
        LogitFilters.suppressed(decoder.tokenizer(), options.suppressed()).stream()
            .mapToInt(i -> i)
            .toArray(),
        Entries.ints(entry, "suppress_tokens"));
    DecodedWindow window =
        decoder.decode(cross, options, new SplittableRandom(1), Cancellation.NEVER);
    comparison.checkExactly(
        name + "tokens",
        window.tokens().stream().mapToInt(i -> i).toArray(),
        Entries.ints(entry, "tokens"));
    comparison.checkExactly(
        name + "text",
        window.text().codePoints().toArray(),
        entry.text("text").codePoints().toArray());
    logprobs.checkNumber(
        name + "average logprob", window.averageLogprob(), entry.number("avg_logprob"));
    probabilities.checkNumber(
        name + "no speech", window.noSpeechProbability(), entry.number("no_speech_prob"));
  }

  private static DecodingOptions options(Settings entry, String detected) {
    Settings options = entry.section("options");
    DecodingOptions plain = DecodingOptions.in(options.text("language", detected));
    int beams = options.integer("beam_size", 1);
    int length = entry.integer("sample_len");
    return new DecodingOptions(
        plain.language(),
        options.text("task", "").equals("translate"),
        0,
        length,
        1,
        beams,
        options.number("patience", 1),
        penalty(options),
        options.integers("prompt"),
        options.integers("prefix"),
        suppressed(options),
        options.flag("suppress_blank", true),
        !options.flag("without_timestamps", false),
        entry.integer("max_initial_timestamp_index", -1));
  }

  private static @Nullable Double penalty(Settings options) {
    return options.has("length_penalty") ? options.number("length_penalty") : null;
  }

  private static List<Integer> suppressed(Settings options) {
    Object value = options.asMap().get("suppress_tokens");
    if (value == null) {
      return List.of(-1);
    }
    return value instanceof String text && text.isEmpty()
        ? List.of()
        : requireNonNull(options.integers("suppress_tokens"));
  }
}
