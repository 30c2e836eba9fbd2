package org.tantra.plugin.whisper;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How one window is decoded.
///
/// @param language code; says nothing to models for English only
/// @param temperature 0 decodes greedily, or with beams; above 0 samples
/// @param sampleLength most tokens; 0 for half the context
/// @param bestOf samples at a temperature above 0, the best of which is taken
/// @param beams rows of a beam search at temperature 0; 1 decodes greedily
/// @param patience finished rows that end a beam search, in multiples of `beams`
/// @param lengthPenalty exponent that ranks rows of different lengths; null ranks by the mean
/// @param prompt tokens that were said before
/// @param prefix tokens that the transcript begins with
/// @param suppressed ids that are never chosen; -1 stands for what is written, but not said
/// @param suppressBlank whether a transcript must not begin with a space or be empty
/// @param timestamps whether there are any
/// @param latestStart index of the latest first timestamp; -1 for any
record DecodingOptions(
    String language,
    boolean translate,
    double temperature,
    int sampleLength,
    int bestOf,
    int beams,
    double patience,
    @Nullable Double lengthPenalty,
    List<Integer> prompt,
    List<Integer> prefix,
    List<Integer> suppressed,
    boolean suppressBlank,
    boolean timestamps,
    int latestStart) {
  /// The first timestamp lies within the first second.
  static final int LATEST_START = 50;

  DecodingOptions {
    prompt = List.copyOf(prompt);
    prefix = List.copyOf(prefix);
    suppressed = List.copyOf(suppressed);
  }

  /// Greedy, with timestamps: the reference's own.
  static DecodingOptions in(String language) {
    return new DecodingOptions(
        language,
        false,
        0,
        0,
        1,
        1,
        1,
        null,
        List.of(),
        List.of(),
        List.of(-1),
        true,
        true,
        LATEST_START);
  }

  DecodingOptions withTask(String spoken, boolean translating) {
    return new DecodingOptions(
        spoken,
        translating,
        temperature,
        sampleLength,
        bestOf,
        beams,
        patience,
        lengthPenalty,
        prompt,
        prefix,
        suppressed,
        suppressBlank,
        timestamps,
        latestStart);
  }

  /// For one attempt: beams go with temperature 0, samples with others.
  DecodingOptions at(double other, List<Integer> before) {
    return new DecodingOptions(
        language,
        translate,
        other,
        sampleLength,
        other > 0 ? bestOf : 1,
        other > 0 ? 1 : beams,
        patience,
        lengthPenalty,
        before,
        prefix,
        suppressed,
        suppressBlank,
        timestamps,
        latestStart);
  }

  DecodingOptions withSearch(int otherBeams, double otherPatience, int samples) {
    return new DecodingOptions(
        language,
        translate,
        temperature,
        sampleLength,
        samples,
        otherBeams,
        otherPatience,
        lengthPenalty,
        prompt,
        prefix,
        suppressed,
        suppressBlank,
        timestamps,
        latestStart);
  }

  DecodingOptions withFilters(List<Integer> others, boolean blank, boolean timed, int latest) {
    return new DecodingOptions(
        language,
        translate,
        temperature,
        sampleLength,
        bestOf,
        beams,
        patience,
        lengthPenalty,
        prompt,
        prefix,
        others,
        blank,
        timed,
        latest);
  }
}
