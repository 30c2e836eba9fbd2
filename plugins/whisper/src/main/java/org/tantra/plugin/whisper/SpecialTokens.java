package org.tantra.plugin.whisper;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.Settings;
import org.tantra.nn.ConfigFile;

/// Ids that stand for no text: everything from the end of text on.
///
/// @param end ends a text
/// @param start begins a transcript
/// @param languages by code, in the order of their ids; empty if the model knows English only
/// @param previous stands before text that was said before
/// @param firstTimestamp 0.00 s; each further id is 0.02 s later, until the end of the vocabulary
record SpecialTokens(
    int end,
    int start,
    Map<String, Integer> languages,
    int translate,
    int transcribe,
    int startOfLm,
    int previous,
    int noSpeech,
    int noTimestamps,
    int firstTimestamp) {

  /// Vocabulary of the published models for English only.
  static final int ENGLISH_VOCAB = 51_864;

  /// Seconds between two timestamps.
  static final double STEP_SECONDS = 0.02;

  /// Timestamps from 0.00 to 30.00 s.
  private static final int TIMESTAMPS = 1501;

  /// Special ids beside languages and timestamps.
  private static final int OTHERS = 8;

  SpecialTokens {
    languages = Collections.unmodifiableMap(new LinkedHashMap<>(languages));
    if (!(end < start
        && start < translate
        && translate < transcribe
        && transcribe < startOfLm
        && startOfLm < previous
        && previous < noSpeech
        && noSpeech < noTimestamps
        && noTimestamps < firstTimestamp)) {
      throw ConfigFile.corrupt("the special tokens do not follow one another as they should");
    }
  }

  /// The ids behind `words` tokens of text in the order of the published vocabularies.
  ///
  /// @return nothing if the vocabulary has not the size for it
  static Optional<SpecialTokens> behind(int words, int vocab) {
    int languages = vocab - words - TIMESTAMPS - OTHERS;
    return languages >= 1 && languages <= Languages.codes().size()
        ? Optional.of(standard(words, languages, vocab != ENGLISH_VOCAB))
        : Optional.empty();
  }

  /// @param end id of the end of text, the first of all
  /// @param languages how many there are
  /// @param multilingual whether they mean anything
  static SpecialTokens standard(int end, int languages, boolean multilingual) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (int i = 0; i < languages; i++) {
      ids.put(Languages.codes().get(i), end + 2 + i);
    }
    int next = end + 2 + languages;
    return new SpecialTokens(
        end,
        end + 1,
        multilingual ? ids : Map.of(),
        next,
        next + 1,
        next + 2,
        next + 3,
        next + 4,
        next + 5,
        next + 6);
  }

  /// The ids that a checkpoint's tokenizer files give by text.
  ///
  /// @param added special tokens by text
  /// @param multilingual whether languages mean anything
  /// @return nothing if the files do not say
  static Optional<SpecialTokens> named(Map<String, Integer> added, int end, boolean multilingual) {
    Integer start = added.get("<|startoftranscript|>");
    Integer translate = added.get("<|translate|>");
    Integer transcribe = added.get("<|transcribe|>");
    Integer startOfLm = added.get("<|startoflm|>");
    Integer previous = added.get("<|startofprev|>");
    // Older files call it otherwise.
    Integer noSpeech = added.getOrDefault("<|nospeech|>", added.get("<|nocaptions|>"));
    Integer noTimestamps = added.get("<|notimestamps|>");
    if (start == null
        || translate == null
        || transcribe == null
        || startOfLm == null
        || previous == null
        || noSpeech == null
        || noTimestamps == null) {
      return Optional.empty();
    }
    Map<String, Integer> languages = new LinkedHashMap<>();
    for (String code : Languages.codes()) {
      Integer id = added.get("<|" + code + "|>");
      if (id != null && multilingual) {
        languages.put(code, id);
      }
    }
    return Optional.of(
        new SpecialTokens(
            end,
            start,
            languages,
            translate,
            transcribe,
            startOfLm,
            previous,
            noSpeech,
            noTimestamps,
            added.getOrDefault("<|0.00|>", noTimestamps + 1)));
  }

  /// The ids that a golden case lists.
  static SpecialTokens of(Settings ids) {
    Settings languages = ids.section("languages");
    Map<String, Integer> byCode = new LinkedHashMap<>();
    languages.keys().forEach(code -> byCode.put(code, languages.integer(code)));
    return new SpecialTokens(
        ids.integer("eot"),
        ids.integer("sot"),
        byCode,
        ids.integer("translate"),
        ids.integer("transcribe"),
        ids.integer("startoflm"),
        ids.integer("startofprev"),
        ids.integer("nospeech"),
        ids.integer("notimestamps"),
        ids.integer("timestamp_begin"));
  }

  boolean multilingual() {
    return !languages.isEmpty();
  }

  boolean timestamp(int id) {
    return id >= firstTimestamp;
  }

  /// Seconds that a timestamp stands for.
  double seconds(int id) {
    return (id - firstTimestamp) * STEP_SECONDS;
  }

  /// What begins a transcript: start, and for multilingual models language and task.
  int[] opening(String language, boolean translating) {
    Integer id = languages.get(language);
    return id == null
        ? new int[] {start}
        : new int[] {start, id, translating ? translate : transcribe};
  }

  /// Ids that a transcript never holds.
  List<Integer> neverChosen() {
    return List.of(transcribe, translate, start, previous, startOfLm, noSpeech);
  }

  /// How a special token is written; languages of models for English only included.
  String text(int id) {
    if (timestamp(id)) {
      return String.format(Locale.ROOT, "<|%.2f|>", seconds(id));
    }
    if (id > start && id < translate && id - start <= Languages.codes().size()) {
      for (Map.Entry<String, Integer> language : languages.entrySet()) {
        if (language.getValue() == id) {
          return "<|" + language.getKey() + "|>";
        }
      }
      return "<|" + Languages.codes().get(id - start - 1) + "|>";
    }
    return "<|" + name(id) + "|>";
  }

  private String name(int id) {
    if (id == end) {
      return "endoftext";
    } else if (id == start) {
      return "startoftranscript";
    } else if (id == translate) {
      return "translate";
    } else if (id == transcribe) {
      return "transcribe";
    } else if (id == startOfLm) {
      return "startoflm";
    } else if (id == previous) {
      return "startofprev";
    } else if (id == noSpeech) {
      return "nospeech";
    }
    return id == noTimestamps ? "notimestamps" : "unused" + id;
  }
}
