package org.tantra.plugin.whisper;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.Checkpoint;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.api.WeightSource;
import org.tantra.nn.parity.Comparison;

/// Compares token ids, special ids, languages and alignment heads with those of the published
/// models.
///
/// GPT-2's vocabulary is at hand; what needs `multilingual.tiktoken` is compared if that file lies
/// in the case's folder.
public final class TokenizerParity implements ParityCheck {
  private static final String RANK_FILE = "multilingual.tiktoken";

  @Override
  public Set<String> families() {
    return Set.of("whisper-tokenizer");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    Comparison comparison = new Comparison(golden, 0, 0);
    Settings expected = golden.expected();
    boolean multilingual = golden.checkpoint().file(RANK_FILE).isPresent();
    for (String key : expected.keys()) {
      if (expected.asMap().get(key) instanceof Map && expected.section(key).has("n_vocab")) {
        Settings entry = expected.section(key);
        int vocab = entry.integer("n_vocab");
        specials(comparison, key + ": ", entry);
        if (vocab == SpecialTokens.ENGLISH_VOCAB || multilingual) {
          Only files = new Only(golden.checkpoint(), vocab == SpecialTokens.ENGLISH_VOCAB);
          vocabulary(comparison, key + ": ", entry, VocabularyFiles.read(files, sizes(vocab)));
        }
      }
    }
    Settings heads = expected.section("alignment_heads");
    for (String model : heads.keys()) {
      equal(
          comparison,
          "alignment heads of " + model,
          AlignmentHeads.of(model).orElse(List.of()).stream()
              .map(head -> List.of(head.layer(), head.index()))
              .toList(),
          heads.list(model));
    }
    Settings aliases = expected.section("language_aliases");
    for (String name : aliases.keys()) {
      equal(comparison, name, Languages.code(name).orElse("?"), aliases.text(name));
    }
    return comparison.findings();
  }

  /// A checkpoint of the rank file alone, or of no file at all.
  private record Only(Checkpoint all, boolean nothing) implements Checkpoint {
    @Override
    public String name() {
      return all.name();
    }

    @Override
    public String version() {
      return all.version();
    }

    @Override
    public WeightSource weights() {
      return all.weights();
    }

    @Override
    public Optional<Settings> json(String fileName) {
      return Optional.empty();
    }

    @Override
    public Optional<MemorySegment> file(String fileName) {
      return nothing || !fileName.equals(RANK_FILE) ? Optional.empty() : all.file(fileName);
    }
  }

  private static WhisperConfig sizes(int vocab) {
    return new WhisperConfig(
        WhisperConfig.Layout.ORIGINAL, 80, 1500, 384, 6, 4, 1536, vocab, 448, 6, 4, 1536);
  }

  private static void specials(Comparison comparison, String name, Settings entry) {
    int vocab = entry.integer("n_vocab");
    SpecialTokens specials =
        SpecialTokens.behind(entry.integer("mergeable_ranks"), vocab).orElseThrow();
    comparison.checkExactly(
        name + "special ids",
        new int[] {
          specials.languages().size(),
          specials.end(),
          specials.start(),
          specials.translate(),
          specials.transcribe(),
          specials.startOfLm(),
          specials.previous(),
          specials.noSpeech(),
          specials.noTimestamps(),
          specials.firstTimestamp(),
          vocab - 1
        },
        new int[] {
          entry.integer("num_languages"),
          entry.integer("eot"),
          entry.integer("sot"),
          entry.integer("translate"),
          entry.integer("transcribe"),
          entry.integer("startoflm"),
          entry.integer("startofprev"),
          entry.integer("nospeech"),
          entry.integer("notimestamps"),
          entry.integer("timestamp_begin"),
          entry.integer("timestamp_last")
        });
    if (specials.multilingual()) {
      equal(comparison, name + "languages", specials.languages(), languages(entry));
      equal(
          comparison,
          name + "German to English",
          ints(specials.opening("de", true)),
          entry.list("sot_sequence_german_translate"));
    }
    equal(
        comparison,
        name + "opening",
        ints(specials.opening("en", false)),
        entry.list("sot_sequence_default"));
  }

  private static Map<String, Object> languages(Settings entry) {
    return entry.section("languages").asMap();
  }

  private static void vocabulary(
      Comparison comparison, String name, Settings entry, WhisperTokenizer tokenizer) {
    equal(comparison, name + "blank", ints(tokenizer.encode(" ")), entry.list("blank"));
    equal(comparison, name + "non-speech", tokenizer.notSpoken(), entry.list("non_speech_tokens"));
    for (Settings text : Entries.of(entry, "encode")) {
      List<Integer> ids = ints(tokenizer.encode(text.text("text")));
      equal(comparison, name + "ids of '" + text.text("text") + "'", ids, text.list("ids"));
      equal(comparison, name + "and back", tokenizer.text(ids), text.text("text"));
    }
    for (Settings words : Entries.of(entry, "split_to_word_tokens")) {
      List<Integer> ids = new ArrayList<>(words.integers("ids"));
      ids.add(tokenizer.specials().end());
      List<WhisperTokenizer.Word> split = tokenizer.words(ids, words.text("language"));
      String what = name + "words of '" + words.text("text") + "'";
      equal(
          comparison,
          what,
          split.stream().map(WhisperTokenizer.Word::text).toList(),
          words.list("words"));
      equal(
          comparison,
          what + ", ids",
          split.stream().map(WhisperTokenizer.Word::tokens).toList(),
          words.list("word_tokens"));
    }
    Settings decode = entry.section("decode");
    equal(comparison, name + "text", tokenizer.text(decode.integers("ids")), decode.text("decode"));
    equal(
        comparison,
        name + "text with timestamps",
        tokenizer.withTimestamps(decode.integers("ids")),
        decode.text("decode_with_timestamps"));
    Settings broken = entry.section("decode_invalid_utf8");
    equal(
        comparison,
        name + "broken text",
        tokenizer.text(broken.integers("ids")),
        broken.text("decode"));
  }

  private static List<Integer> ints(int[] ids) {
    List<Integer> list = new ArrayList<>();
    for (int id : ids) {
      list.add(id);
    }
    return list;
  }

  private static void equal(Comparison comparison, String name, Object actual, Object expected) {
    comparison.checkExactly(
        name, actual.toString().codePoints().toArray(), expected.toString().codePoints().toArray());
  }
}
